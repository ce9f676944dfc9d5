"""What the database itself says about the tree.

- On every day of a placement its parent stands in the tree too, nobody is above itself, and no branch is deeper
  than 32 tiers. These are questions about many rows, so they are asked once per transaction: the first changed
  placement leaves a row in `parties_closuredue`, whose deferred trigger `placements_form_a_tree` asks them before
  the commit (or at once, under SET CONSTRAINTS placements_form_a_tree IMMEDIATE).
- The same trigger brings `parties_membership`, the transitive closure by date, up to date; only rows that differ
  are written.
- Two transactions do not change placements at the same time: each could be right alone and both make a cycle.
- Rows below a post, roster or body carry the same organisation as it.
"""

from django.db import migrations

TREE = """
CREATE FUNCTION parties_one_change_at_a_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('parties.placement', 0));
    RETURN NULL;
END $$;

CREATE FUNCTION parties_owe_closure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO parties_closuredue (transaction) VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION parties_rebuild_closure() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = off AS $$
BEGIN
    WITH RECURSIVE up (organisation_id, ancestor_id, depth, valid) AS (
        SELECT child_id, child_id, 0, valid FROM parties_placement
        UNION ALL
        SELECT up.organisation_id, above.parent_id, up.depth + 1, up.valid * above.valid
        FROM up JOIN parties_placement above ON above.child_id = up.ancestor_id AND above.valid && up.valid
        WHERE above.parent_id IS NOT NULL AND up.depth < 32
    ), closure AS MATERIALIZED (
        SELECT organisation_id, ancestor_id, depth::smallint AS depth, unnest(range_agg(valid)) AS valid
        FROM up GROUP BY organisation_id, ancestor_id, depth
    ), gone AS (
        DELETE FROM parties_membership held WHERE NOT EXISTS (
            SELECT FROM closure WHERE closure.organisation_id = held.organisation_id
            AND closure.ancestor_id = held.ancestor_id AND closure.depth = held.depth AND closure.valid = held.valid)
    )
    INSERT INTO parties_membership (organisation_id, ancestor_id, depth, valid)
    SELECT organisation_id, ancestor_id, depth, valid FROM closure WHERE NOT EXISTS (
        SELECT FROM parties_membership held WHERE held.organisation_id = closure.organisation_id
        AND held.ancestor_id = closure.ancestor_id AND held.depth = closure.depth AND held.valid = closure.valid)
    ORDER BY ancestor_id, organisation_id;
END $$;

CREATE FUNCTION parties_check_tree() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = off AS $$
DECLARE
    fault record;
BEGIN
    SELECT placed.child_id, placed.parent_id,
           datemultirange(placed.valid) - coalesce(above.days, '{}'::datemultirange) AS missing
    INTO fault
    FROM parties_placement placed
    LEFT JOIN (SELECT child_id, range_agg(valid) AS days FROM parties_placement GROUP BY child_id) above
        ON above.child_id = placed.parent_id
    WHERE placed.parent_id IS NOT NULL AND (above.days IS NULL OR NOT placed.valid <@ above.days)
    ORDER BY placed.child_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'a_parent_stands_as_long_as_its_children',
            TABLE = 'parties_placement', MESSAGE = format('%s is placed under %s, which is not in the tree during %s',
                (SELECT code FROM parties_organisation WHERE id = fault.child_id),
                (SELECT code FROM parties_organisation WHERE id = fault.parent_id), fault.missing);
    END IF;
    SELECT organisation_id, ancestor_id, depth, valid INTO fault FROM parties_membership
    WHERE (organisation_id = ancestor_id AND depth > 0) OR depth >= 32
    ORDER BY organisation_id <> ancestor_id, depth LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'placements_form_a_tree',
            TABLE = 'parties_placement', MESSAGE = format(
                CASE WHEN fault.organisation_id = fault.ancestor_id THEN '%s would stand below itself during %s'
                ELSE '%s would stand more than 32 tiers deep during %s' END,
                (SELECT code FROM parties_organisation WHERE id = fault.organisation_id), fault.valid);
    END IF;
END $$;

CREATE FUNCTION parties_settle_closure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM parties_closuredue WHERE transaction = NEW.transaction;
    PERFORM parties_rebuild_closure();
    PERFORM parties_check_tree();
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION parties_rebuild_closure(), parties_check_tree() FROM PUBLIC;

CREATE TRIGGER placements_change_one_at_a_time
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON parties_placement
    FOR EACH STATEMENT EXECUTE FUNCTION parties_one_change_at_a_time();
CREATE TRIGGER placements_owe_a_closure
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON parties_placement
    FOR EACH STATEMENT EXECUTE FUNCTION parties_owe_closure();
CREATE CONSTRAINT TRIGGER placements_form_a_tree
    AFTER INSERT ON parties_closuredue DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION parties_settle_closure();
"""

SAME_ORGANISATION = """
ALTER TABLE parties_post ADD CONSTRAINT a_post_is_of_its_bodys_organisation
    FOREIGN KEY (body_id, organisation_id) REFERENCES parties_body (id, organisation_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE parties_appointment ADD CONSTRAINT an_appointment_is_of_its_posts_organisation
    FOREIGN KEY (post_id, organisation_id) REFERENCES parties_post (id, organisation_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE parties_shift ADD CONSTRAINT a_shift_is_of_its_rosters_organisation
    FOREIGN KEY (roster_id, organisation_id) REFERENCES parties_roster (id, organisation_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

UNDO = """
ALTER TABLE parties_shift DROP CONSTRAINT a_shift_is_of_its_rosters_organisation;
ALTER TABLE parties_appointment DROP CONSTRAINT an_appointment_is_of_its_posts_organisation;
ALTER TABLE parties_post DROP CONSTRAINT a_post_is_of_its_bodys_organisation;
DROP TRIGGER placements_form_a_tree ON parties_closuredue;
DROP TRIGGER placements_owe_a_closure ON parties_placement;
DROP TRIGGER placements_change_one_at_a_time ON parties_placement;
DROP FUNCTION parties_settle_closure(), parties_check_tree(), parties_rebuild_closure(),
    parties_owe_closure(), parties_one_change_at_a_time();
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]
    operations = [migrations.RunSQL(TREE + SAME_ORGANISATION, UNDO)]
