-- What the database refuses by itself, whoever writes, its owner included: to change what was frozen.

CREATE OR REPLACE FUNCTION norms_frozen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a baseline is frozen: freeze a new one'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_baseline_is_frozen';
END $$;
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON norms_baseline
  FOR EACH ROW EXECUTE FUNCTION norms_frozen();
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON norms_baselineentry
  FOR EACH ROW EXECUTE FUNCTION norms_frozen();

-- Entries join a baseline until it has as many as it says, and never afterwards; at the commit it has them all.
CREATE OR REPLACE FUNCTION norms_check_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE b norms_baseline;
BEGIN
  SELECT * INTO b FROM norms_baseline WHERE id = NEW.baseline_id;
  IF NEW.position >= b.size THEN
    RAISE EXCEPTION 'a baseline is frozen: freeze a new one'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_baseline_is_frozen';
  END IF;
  IF NEW.origin = 'open' THEN
    RAISE EXCEPTION 'a choice is open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_baseline_leaves_nothing_open';
  END IF;
  IF NOT EXISTS (
    SELECT FROM norms_clause c WHERE c.id = NEW.clause_id AND c.edition_id = b.edition_id AND c.key = NEW.key
  ) THEN
    RAISE EXCEPTION 'a clause of another edition'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_baseline_is_of_one_edition';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_entry BEFORE INSERT ON norms_baselineentry
  FOR EACH ROW EXECUTE FUNCTION norms_check_entry();

CREATE OR REPLACE FUNCTION norms_check_whole() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (SELECT count(*) FROM norms_baselineentry e WHERE e.baseline_id = NEW.id) <> NEW.size THEN
    RAISE EXCEPTION 'a baseline lacks entries'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_baseline_is_whole';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS check_whole ON norms_baseline;
CREATE CONSTRAINT TRIGGER check_whole AFTER INSERT ON norms_baseline DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION norms_check_whole();

-- An edition on which a baseline stands: only whether it is the current one changes.
CREATE OR REPLACE FUNCTION norms_check_edition() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM norms_baseline b WHERE b.edition_id = OLD.id)
    AND (TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'is_current') <> (to_jsonb(OLD) - 'is_current'))
  THEN
    RAISE EXCEPTION 'baselines stand on this edition: load another'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_edition_in_use_stands';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER check_edition BEFORE UPDATE OR DELETE ON norms_edition
  FOR EACH ROW EXECUTE FUNCTION norms_check_edition();

CREATE OR REPLACE FUNCTION norms_check_clause() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE editions bigint[] := ARRAY[]::bigint[];
BEGIN
  IF TG_OP <> 'INSERT' THEN editions := editions || OLD.edition_id; END IF;
  IF TG_OP <> 'DELETE' THEN editions := editions || NEW.edition_id; END IF;
  IF EXISTS (SELECT FROM norms_baseline b WHERE b.edition_id = ANY (editions)) THEN
    RAISE EXCEPTION 'baselines stand on this edition: load another'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_edition_in_use_stands';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER check_clause BEFORE INSERT OR UPDATE OR DELETE ON norms_clause
  FOR EACH ROW EXECUTE FUNCTION norms_check_clause();

CREATE OR REPLACE FUNCTION norms_check_part() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE clauses bigint[] := ARRAY[]::bigint[];
BEGIN
  IF TG_OP <> 'INSERT' THEN clauses := clauses || OLD.clause_id; END IF;
  IF TG_OP <> 'DELETE' THEN clauses := clauses || NEW.clause_id; END IF;
  IF EXISTS (
    SELECT FROM norms_clause c JOIN norms_baseline b ON b.edition_id = c.edition_id WHERE c.id = ANY (clauses)
  ) THEN
    RAISE EXCEPTION 'baselines stand on this edition: load another'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_edition_in_use_stands';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER check_part BEFORE INSERT OR UPDATE OR DELETE ON norms_statement
  FOR EACH ROW EXECUTE FUNCTION norms_check_part();
CREATE OR REPLACE TRIGGER check_part BEFORE INSERT OR UPDATE OR DELETE ON norms_parameter
  FOR EACH ROW EXECUTE FUNCTION norms_check_part();
CREATE OR REPLACE TRIGGER check_part BEFORE INSERT OR UPDATE OR DELETE ON norms_reference
  FOR EACH ROW EXECUTE FUNCTION norms_check_part();
