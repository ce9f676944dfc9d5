"""Indicators and scenarios have a version too, so that nobody has to read them all to know that they are the same."""

from django.db import migrations, models

WATCHED = ("indicators_indicator", "filing_scenario")

STAMP = """
CREATE FUNCTION cube_definition_stamp() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(weight), 0)::bigint FROM cube_definitionchange
$$;

CREATE FUNCTION cube_note_definition_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO cube_definitionchange (weight) VALUES (1 + (random() * 1099511627776)::bigint);
    RETURN NULL;
END $$;

-- What every question asks first, in one function: its plans are kept by the session.
CREATE FUNCTION cube_look(OUT head bigint, OUT tree bigint, OUT definitions bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT coalesce(max(id), 0) INTO head FROM filing_change;
    SELECT coalesce(sum(weight), 0) INTO tree FROM cube_treechange;
    SELECT coalesce(sum(weight), 0) INTO definitions FROM cube_definitionchange;
END $$;

GRANT EXECUTE ON FUNCTION public.cube_definition_stamp(), public.cube_look() TO gangmu_web, gangmu_system;
""" + "".join(
    f"""
CREATE TRIGGER the_cube_notes_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION cube_note_definition_change();
"""
    for table in WATCHED
)

UNDO = "".join(f"DROP TRIGGER the_cube_notes_changes ON {table};\n" for table in WATCHED) + """
DROP FUNCTION cube_note_definition_change();
DROP FUNCTION cube_look();
DROP FUNCTION cube_definition_stamp();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cube", "0003_stamp_for_pages"),
        ("indicators", "0008_precisions"),
        ("filing", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="DefinitionChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weight", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(STAMP, UNDO),
    ]
