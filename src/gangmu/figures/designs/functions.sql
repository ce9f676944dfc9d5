-- What the database refuses by itself, whoever writes: to change a workbook with which reports are made.
CREATE OR REPLACE FUNCTION designs_frozen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.valid_from IS NOT NULL
    OR (to_jsonb(NEW) - 'valid_from') <> (to_jsonb(OLD) - 'valid_from')
  THEN
    RAISE EXCEPTION 'a version stands: upload a new one'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_version_stands';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON designs_version
  FOR EACH ROW EXECUTE FUNCTION designs_frozen();
