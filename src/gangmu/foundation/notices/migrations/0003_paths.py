from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_tell")]

    operations = [
        migrations.AddConstraint(
            "notice",
            models.CheckConstraint(
                name="a_notice_leads_to_a_path_of_this_site", condition=Q(url="") | Q(url__regex=r"^/([^/\\]|$)")
            ),
        ),
    ]
