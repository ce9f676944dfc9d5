"""No placement and no attribute row runs across a day on which what is above its organisation changes.

A branch that an organisation has left sees the rows that touch its time, whole, as row security cannot clip a row. A row
that ran on would tell it when the next owner ended it, and what the next owner made of it. So the database cuts such rows
in two on that day, whoever wrote them and however. The later part is marked `continued`, by which who writes dated rows
(the loader, `services.move`) knows the parts for one.
"""

from django.db import migrations, models

CUT = """
CREATE FUNCTION parties_edges(of bigint[]) RETURNS TABLE (organisation_id bigint, day date)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT m.organisation_id, edge.day
    FROM parties_membership m CROSS JOIN LATERAL (VALUES (lower(m.valid)), (upper(m.valid))) AS edge (day)
    WHERE m.depth > 0 AND edge.day IS NOT NULL AND (of IS NULL OR m.organisation_id = ANY (of))
$$;

CREATE FUNCTION parties_cut_placements() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off AS $$
DECLARE cuts jsonb;
BEGIN
    SELECT jsonb_object_agg(id, days) INTO cuts FROM (
        SELECT r.id, jsonb_agg(e.day ORDER BY e.day) AS days
        FROM parties_placement r JOIN parties_edges(NULL) e ON e.organisation_id = r.child_id
            AND r.valid @> e.day AND e.day IS DISTINCT FROM lower(r.valid)
        GROUP BY r.id) found;
    IF cuts IS NULL THEN RETURN; END IF;
    WITH cut AS (
        SELECT key::bigint AS id, array(SELECT jsonb_array_elements_text(value)::date) AS days FROM jsonb_each(cuts)
    ), whole AS MATERIALIZED (
        SELECT r.*, cut.days FROM parties_placement r JOIN cut ON cut.id = r.id
    ), shortened AS (
        UPDATE parties_placement r SET valid = daterange(lower(r.valid), whole.days[1]) FROM whole WHERE whole.id = r.id
    )
    INSERT INTO parties_placement (child_id, parent_id, valid, continued)
    SELECT child_id, parent_id, daterange(days[place], coalesce(days[place + 1], upper(valid))), true
    FROM whole CROSS JOIN LATERAL generate_subscripts(days, 1) AS place;
END $$;

CREATE FUNCTION parties_cut_attributes(of bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off AS $$
DECLARE cuts jsonb;
BEGIN
    SELECT jsonb_object_agg(id, days) INTO cuts FROM (
        SELECT r.id, jsonb_agg(e.day ORDER BY e.day) AS days
        FROM parties_attributevalue r JOIN parties_edges(of) e ON e.organisation_id = r.organisation_id
            AND r.valid @> e.day AND e.day IS DISTINCT FROM lower(r.valid)
        GROUP BY r.id) found;
    IF cuts IS NULL THEN RETURN; END IF;
    WITH cut AS (
        SELECT key::bigint AS id, array(SELECT jsonb_array_elements_text(value)::date) AS days FROM jsonb_each(cuts)
    ), whole AS MATERIALIZED (
        SELECT r.*, cut.days FROM parties_attributevalue r JOIN cut ON cut.id = r.id
    ), shortened AS (
        UPDATE parties_attributevalue r SET valid = daterange(lower(r.valid), whole.days[1])
        FROM whole WHERE whole.id = r.id
    )
    INSERT INTO parties_attributevalue (organisation_id, name, value, number, valid, continued)
    SELECT organisation_id, name, value, number, daterange(days[place], coalesce(days[place + 1], upper(valid))), true
    FROM whole CROSS JOIN LATERAL generate_subscripts(days, 1) AS place;
END $$;

CREATE OR REPLACE FUNCTION parties_settle_closure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM parties_closuredue WHERE transaction = NEW.transaction;
    PERFORM parties_rebuild_closure();
    PERFORM parties_check_tree();
    PERFORM parties_cut_placements();
    PERFORM parties_cut_attributes(NULL);
    RETURN NULL;
END $$;

CREATE FUNCTION parties_cut_new_attributes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM parties_cut_attributes(array(SELECT DISTINCT organisation_id FROM added));
    RETURN NULL;
END $$;

CREATE TRIGGER new_attributes_are_cut AFTER INSERT ON parties_attributevalue REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION parties_cut_new_attributes();
CREATE TRIGGER changed_attributes_are_cut AFTER UPDATE ON parties_attributevalue REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION parties_cut_new_attributes();

REVOKE EXECUTE ON FUNCTION parties_edges(bigint[]), parties_cut_placements(), parties_cut_attributes(bigint[])
    FROM PUBLIC;
SELECT parties_cut_placements(), parties_cut_attributes(NULL);
"""

UNDO = """
CREATE OR REPLACE FUNCTION parties_settle_closure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM parties_closuredue WHERE transaction = NEW.transaction;
    PERFORM parties_rebuild_closure();
    PERFORM parties_check_tree();
    RETURN NULL;
END $$;
DROP TRIGGER new_attributes_are_cut ON parties_attributevalue;
DROP TRIGGER changed_attributes_are_cut ON parties_attributevalue;
DROP FUNCTION parties_cut_new_attributes(), parties_cut_attributes(bigint[]), parties_cut_placements(),
    parties_edges(bigint[]);
"""


def _continued() -> models.BooleanField:
    return models.BooleanField(db_default=False, default=False, editable=False, verbose_name="goes on from the row before")


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_tree")]
    operations = [
        migrations.AddField("placement", "continued", _continued()),
        migrations.AddField("attributevalue", "continued", _continued()),
        migrations.RunSQL(CUT, UNDO),
    ]
