"""The triggers that give the organisation tree a version, and the function by which anybody may ask for it."""

from django.db import migrations

WATCHED = ("parties_organisation", "parties_placement", "parties_attributevalue")

STAMP = """
CREATE FUNCTION cube_tree_stamp() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(weight), 0)::bigint FROM cube_treechange
$$;

CREATE FUNCTION cube_note_tree_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO cube_treechange (weight) VALUES (1 + (random() * 1099511627776)::bigint);
    PERFORM pg_notify('gangmu_facts', '');
    RETURN NULL;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER the_cube_notes_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION cube_note_tree_change();
"""
    for table in WATCHED
)

UNDO = "".join(f"DROP TRIGGER the_cube_notes_changes ON {table};\n" for table in WATCHED) + """
DROP FUNCTION cube_note_tree_change();
DROP FUNCTION cube_tree_stamp();
"""


class Migration(migrations.Migration):
    dependencies = [("cube", "0001_initial"), ("parties", "0002_tree")]
    operations = [migrations.RunSQL(STAMP, UNDO)]
