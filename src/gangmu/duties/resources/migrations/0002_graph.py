"""What the database itself says about the graph of dependencies.

- On no day does a resource need itself through others; no redundancy group wants more members than it has; no
  dependency lasts longer than the two resources it joins. These are questions about many rows, so they are asked once
  per transaction: the first change leaves a row in `resources_graphdue`, whose deferred trigger
  `dependencies_form_a_graph` asks them before the commit (or at once, under SET CONSTRAINTS … IMMEDIATE).
- Two transactions do not change dependencies at the same time: each could be right alone, and both close a circle.
- A dependency carries the organisation of the resource that needs, also after that changes hands.

What is refused names its rows in DETAIL, as JSON, so that pages can say it in the reader's words.
"""

from django.db import migrations

GRAPH = """
CREATE FUNCTION resources_one_change_at_a_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('resources.dependency', 0));
    RETURN NULL;
END $$;

CREATE FUNCTION resources_owe_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO resources_graphdue (transaction) VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

-- The resources that remain when, again and again, whatever nobody needs any more is taken away: none without a circle.
-- Dependencies of one day; of all days together for null.
CREATE FUNCTION resources_knot(on_day date) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids bigint[];
    targets int[];      -- what is needed, in order of who needs it
    firsts int[];       -- where the targets of a node begin; one more at the end
    waiting int[];      -- how many still need a node
    queue int[];
    head int := 1;
    node int;
    other int;
BEGIN
    WITH edges AS MATERIALIZED (
        SELECT resource_id, on_id FROM resources_dependency WHERE on_day IS NULL OR valid @> on_day
    ), nodes AS MATERIALIZED (
        SELECT id, row_number() OVER (ORDER BY id)::int AS n
        FROM (SELECT resource_id AS id FROM edges UNION SELECT on_id FROM edges) named
    ), numbered AS MATERIALIZED (
        SELECT r.n AS source, o.n AS target
        FROM edges JOIN nodes r ON r.id = resource_id JOIN nodes o ON o.id = on_id
    ), counted AS (
        SELECT n, id, coalesce(needs.many, 0) AS needs, coalesce(needed.many, 0) AS needed
        FROM nodes
        LEFT JOIN (SELECT source, count(*)::int AS many FROM numbered GROUP BY 1) needs ON needs.source = n
        LEFT JOIN (SELECT target, count(*)::int AS many FROM numbered GROUP BY 1) needed ON needed.target = n
    )
    SELECT (SELECT array_agg(id ORDER BY n) FROM counted),
           (SELECT array_agg(numbered.target ORDER BY source) FROM numbered),
           (SELECT array_agg(first ORDER BY n) FROM (
               SELECT n, (1 + coalesce(sum(needs) OVER (ORDER BY n ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW), 0))::int
                   AS first FROM counted) begun),
           (SELECT array_agg(needed ORDER BY n) FROM counted),
           (SELECT coalesce(array_agg(n ORDER BY n), '{}') FROM counted WHERE needed = 0)
    INTO ids, targets, firsts, waiting, queue;
    IF ids IS NULL THEN
        RETURN '{}';
    END IF;
    firsts := firsts || (cardinality(targets) + 1);
    WHILE head <= cardinality(queue) LOOP
        node := queue[head];
        head := head + 1;
        FOR at IN firsts[node] .. firsts[node + 1] - 1 LOOP
            other := targets[at];
            waiting[other] := waiting[other] - 1;
            IF waiting[other] = 0 THEN
                queue := queue || other;
            END IF;
        END LOOP;
    END LOOP;
    RETURN coalesce((SELECT array_agg(ids[n] ORDER BY n) FROM generate_subscripts(waiting, 1) n WHERE waiting[n] > 0), '{}');
END $$;

-- A circle as it is on some day, each needing the next and the last the first; null when there is none.
CREATE FUNCTION resources_circle() RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ever bigint[] := resources_knot(NULL);
    knot bigint[];
    walk bigint[];
    here bigint;
    one_day date;
BEGIN
    IF cardinality(ever) = 0 THEN
        RETURN NULL;
    END IF;
    FOR one_day IN SELECT DISTINCT lower(valid) FROM resources_dependency
        WHERE resource_id = ANY(ever) AND on_id = ANY(ever) ORDER BY 1
    LOOP
        knot := resources_knot(one_day);
        CONTINUE WHEN cardinality(knot) = 0;
        here := knot[1];
        walk := ARRAY[here];
        LOOP  -- whoever remains is needed by one that remains
            SELECT resource_id INTO here FROM resources_dependency
            WHERE on_id = here AND resource_id = ANY(knot) AND valid @> one_day ORDER BY resource_id LIMIT 1;
            EXIT WHEN here = ANY(walk);
            walk := here || walk;
        END LOOP;
        RETURN walk[: array_position(walk, here)];
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION resources_check_graph() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    fault record;
    circle bigint[];
BEGIN
    SELECT d.resource_id, d.on_id, r.code AS resource, o.code AS needed, d.valid INTO fault
    FROM resources_dependency d
    JOIN resources_resource r ON r.id = d.resource_id JOIN resources_resource o ON o.id = d.on_id
    WHERE NOT (d.valid <@ r.valid AND d.valid <@ o.valid) ORDER BY d.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'resources_dependency',
            CONSTRAINT = 'a_dependency_lasts_no_longer_than_its_ends',
            DETAIL = json_build_array(fault.resource_id, fault.on_id),
            MESSAGE = format('%s needs %s during %s, when one of the two is not in the register',
                             fault.resource, fault.needed, fault.valid);
    END IF;
    SELECT m.resource_id, m."group", days.day, count(*) AS members, max(m.needed) AS needed INTO fault
    FROM (SELECT DISTINCT resource_id, "group", day FROM resources_dependency,
          LATERAL (VALUES (lower(valid)), (upper(valid))) ends (day) WHERE "group" <> '' AND day IS NOT NULL) days
    JOIN resources_dependency m ON m.resource_id = days.resource_id AND m."group" = days."group" AND m.valid @> days.day
    GROUP BY 1, 2, 3 HAVING count(*) < max(m.needed) ORDER BY 1, 2, 3 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'resources_dependency',
            CONSTRAINT = 'a_group_has_as_many_as_it_needs',
            DETAIL = json_build_array(fault.resource_id, fault."group", fault.day, fault.members, fault.needed),
            MESSAGE = format('group %s of %s has %s members on %s and needs %s', fault."group",
                (SELECT code FROM resources_resource WHERE id = fault.resource_id), fault.members, fault.day,
                fault.needed);
    END IF;
    circle := resources_circle();
    IF circle IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'resources_dependency',
            CONSTRAINT = 'nothing_needs_itself_through_others', DETAIL = array_to_json(circle),
            MESSAGE = (SELECT string_agg(code, ' → ' ORDER BY place) FROM unnest(circle || circle[1])
                       WITH ORDINALITY step (id, place) JOIN resources_resource USING (id));
    END IF;
END $$;

CREATE FUNCTION resources_settle_graph() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM resources_graphdue WHERE transaction = NEW.transaction;
    PERFORM resources_check_graph();
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION resources_knot(date), resources_circle(), resources_check_graph() FROM PUBLIC;

CREATE TRIGGER dependencies_change_one_at_a_time
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON resources_dependency
    FOR EACH STATEMENT EXECUTE FUNCTION resources_one_change_at_a_time();
CREATE TRIGGER dependencies_owe_a_check
    AFTER INSERT OR UPDATE OR DELETE ON resources_dependency
    FOR EACH STATEMENT EXECUTE FUNCTION resources_owe_check();
CREATE TRIGGER days_of_resources_change_one_at_a_time
    BEFORE UPDATE OF valid ON resources_resource
    FOR EACH STATEMENT EXECUTE FUNCTION resources_one_change_at_a_time();
CREATE TRIGGER days_of_resources_owe_a_check
    AFTER UPDATE OF valid ON resources_resource
    FOR EACH STATEMENT EXECUTE FUNCTION resources_owe_check();
CREATE CONSTRAINT TRIGGER dependencies_form_a_graph
    AFTER INSERT ON resources_graphdue DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION resources_settle_graph();

ALTER TABLE resources_dependency ADD CONSTRAINT a_dependency_is_of_its_resources_organisation
    FOREIGN KEY (resource_id, organisation_id) REFERENCES resources_resource (id, organisation_id)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""

UNDO = """
ALTER TABLE resources_dependency DROP CONSTRAINT a_dependency_is_of_its_resources_organisation;
DROP TRIGGER dependencies_form_a_graph ON resources_graphdue;
DROP TRIGGER days_of_resources_owe_a_check ON resources_resource;
DROP TRIGGER days_of_resources_change_one_at_a_time ON resources_resource;
DROP TRIGGER dependencies_owe_a_check ON resources_dependency;
DROP TRIGGER dependencies_change_one_at_a_time ON resources_dependency;
DROP FUNCTION resources_settle_graph(), resources_check_graph(), resources_circle(), resources_knot(date),
    resources_owe_check(), resources_one_change_at_a_time();
"""


class Migration(migrations.Migration):
    dependencies = [("resources", "0001_initial")]
    operations = [migrations.RunSQL(GRAPH, UNDO)]
