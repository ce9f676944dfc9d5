-- What the database refuses by itself, whoever writes; and the grades that supporting systems take.

-- Cells of matrices: printed ones never change, those of the house are ended and followed by others.
CREATE OR REPLACE FUNCTION grading_check_cell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() AND NOT access_whole('change_grading') THEN
    RAISE EXCEPTION 'matrices are changed by who may change grading everywhere' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP <> 'INSERT' AND OLD.source = 'printed' THEN
    RAISE EXCEPTION 'a cell that the standard prints is not changed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_printed_cell_is_for_good';
  END IF;
  IF TG_OP = 'INSERT' AND NEW.source = 'printed' AND access_is_web() THEN
    RAISE EXCEPTION 'what a standard prints is installed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'valid') <> (to_jsonb(OLD) - 'valid') THEN
    RAISE EXCEPTION 'a cell is ended and followed by another, not rewritten' USING ERRCODE = 'check_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER check_cell BEFORE INSERT OR UPDATE OR DELETE ON grading_matrixcell
  FOR EACH ROW EXECUTE FUNCTION grading_check_cell();

-- On no day may a higher factor give a lower level. Asked at the end of the transaction: several cells change at once.
CREATE OR REPLACE FUNCTION grading_check_monotone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM grading_matrixcell high
    JOIN grading_matrixcell low ON low.scheme = high.scheme AND low.step = high.step AND low.valid && high.valid
      AND high.row_rank <= low.row_rank AND high.column_rank <= low.column_rank AND high.level_rank > low.level_rank
    WHERE high.scheme = NEW.scheme AND high.step = NEW.step
  ) THEN
    RAISE EXCEPTION 'a higher factor gives a lower level'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'matrices_are_monotone';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS check_monotone ON grading_matrixcell;
CREATE CONSTRAINT TRIGGER check_monotone AFTER INSERT OR UPDATE ON grading_matrixcell DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION grading_check_monotone();

-- A grade comes into force when each of its parties has confirmed; from then on what was confirmed stands.
CREATE OR REPLACE FUNCTION grading_check_grading() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'open' THEN
      RAISE EXCEPTION 'a grading begins in preparation' USING ERRCODE = 'check_violation';
    END IF;
  ELSIF OLD.status IN ('in_force', 'ended', 'withdrawn') AND (
    (to_jsonb(NEW) - '{status,valid}'::text[]) <> (to_jsonb(OLD) - '{status,valid}'::text[])
    OR (NEW.status <> OLD.status AND NOT (OLD.status = 'in_force' AND NEW.status = 'ended'))
  ) THEN
    RAISE EXCEPTION 'a confirmed grade stands' USING ERRCODE = 'check_violation';
  ELSIF NEW.status = 'in_force' AND NEW.kind = 'inherited' AND OLD.status <> 'in_force' AND NOT EXISTS (
    SELECT FROM resources_resource r WHERE r.id = NEW.resource_id AND r.supporting
  ) THEN
    RAISE EXCEPTION 'supporting systems alone inherit grades' USING ERRCODE = 'check_violation';
  ELSIF NEW.status = 'in_force' AND OLD.status <> 'in_force' AND EXISTS (
    SELECT FROM unnest(NEW.parties) AS party
    WHERE NOT EXISTS (SELECT FROM grading_confirmation c WHERE c.grading_id = NEW.id AND c.party = party.party)
  ) THEN
    RAISE EXCEPTION 'a party has not confirmed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'every_party_confirms';
  END IF;
  IF NOT EXISTS (SELECT FROM resources_resource r WHERE r.id = NEW.resource_id AND r.organisation_id = NEW.organisation_id)
    AND (TG_OP = 'INSERT' OR NEW.organisation_id <> OLD.organisation_id)
  THEN
    RAISE EXCEPTION 'a grading belongs to the organisation of its system' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_grading BEFORE INSERT OR UPDATE ON grading_grading
  FOR EACH ROW EXECUTE FUNCTION grading_check_grading();

-- Confirmations are of the user who confirms, while the grading is being confirmed; those of a round that was returned
-- are taken away again.
CREATE OR REPLACE FUNCTION grading_check_confirmation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE g grading_grading;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'a confirmation is not rewritten' USING ERRCODE = 'check_violation';
  END IF;
  SELECT * INTO g FROM grading_grading WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.grading_id ELSE NEW.grading_id END;
  IF g.status NOT IN ('submitted', 'returned', 'open') THEN
    RAISE EXCEPTION 'a confirmed grade stands' USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  IF access_is_web() AND NEW.user_id IS DISTINCT FROM access_user() THEN
    RAISE EXCEPTION 'a confirmation in the name of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF g.organisation_id <> NEW.organisation_id OR NOT (NEW.party = ANY (g.parties)) OR g.status <> 'submitted'
    OR NEW.contact_id IS DISTINCT FROM (SELECT contact_id FROM accounts_user WHERE id = NEW.user_id)
  THEN
    RAISE EXCEPTION 'a confirmation that its grading does not ask for' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_confirmation BEFORE INSERT OR UPDATE OR DELETE ON grading_confirmation
  FOR EACH ROW EXECUTE FUNCTION grading_check_confirmation();

-- The grades that supporting systems take: of each, the highest of everything that needs it, directly or through others,
-- whatever the redundancy, and the way there by ids, the supporting system first. `levels` are the scheme's results, the
-- highest first. Crosses scopes on purpose: a grade is taken from systems that its owner may not see, of which no more
-- than an id is told; and it is told of systems alone that the asker may see.
CREATE OR REPLACE FUNCTION grading_inherited(of_resources bigint[], of_scheme text, levels text[], on_day date)
RETURNS TABLE (resource_id bigint, result text, path bigint[], sources bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH RECURSIVE edges AS MATERIALIZED (
      SELECT DISTINCT d.resource_id AS needs, d.on_id AS needed FROM resources_dependency d WHERE d.valid @> on_day
    ),
    tops AS (
      SELECT r.id FROM resources_resource r
      WHERE r.id = ANY (of_resources) AND r.supporting
        AND (NOT access_is_web() OR get_bit(access_bits('view_resources'), r.organisation_id::integer) = 1)
    ),
    reached (top, id) AS (
      SELECT id, id FROM tops
      UNION
      SELECT x.top, e.needs FROM reached x JOIN edges e ON e.needed = x.id
    ),
    graded AS (
      SELECT x.top, x.id, g.result, array_position(levels, g.result::text) AS rank
      FROM reached x
      JOIN resources_resource r ON r.id = x.id AND NOT r.supporting AND r.valid @> on_day
      JOIN grading_grading g ON g.resource_id = x.id AND g.scheme = of_scheme AND g.valid @> on_day
        AND g.status IN ('in_force', 'ended')
    ),
    best AS (
      SELECT DISTINCT ON (top) top, id, result, count(*) OVER (PARTITION BY top) AS counted
      FROM graded ORDER BY top, rank, id
    ),
    -- from the system that gives the grade back to the supporting one, along what it needs
    ways (top, id, way, counted, result) AS (
      SELECT b.top, b.id, ARRAY[b.id], b.counted, b.result FROM best b
      UNION ALL
      SELECT w.top, step.needed, step.needed || w.way, w.counted, w.result
      FROM ways w
      CROSS JOIN LATERAL (
        SELECT e.needed FROM edges e
        JOIN reached x ON x.top = w.top AND x.id = e.needed
        WHERE e.needs = w.id
        ORDER BY e.needed = w.top DESC, e.needed LIMIT 1
      ) step
      WHERE w.id <> w.top
    )
    SELECT w.top, w.result::text, w.way, w.counted FROM ways w WHERE w.id = w.top;
END $$;

GRANT EXECUTE ON FUNCTION grading_inherited(bigint[], text, text[], date) TO gangmu_web, gangmu_system;
