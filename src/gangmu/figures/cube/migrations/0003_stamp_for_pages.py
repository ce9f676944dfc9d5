"""Pages ask whether the cube is behind; since nobody calls a function by default, the web role is given this one."""

from django.db import migrations

GRANT = "GRANT EXECUTE ON FUNCTION public.cube_tree_stamp() TO gangmu_web, gangmu_system;"


class Migration(migrations.Migration):
    dependencies = [("cube", "0002_tree_stamp")]
    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]
