-- What the database refuses by itself, whoever writes, its owner included: to change what was issued.
CREATE OR REPLACE FUNCTION reports_frozen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'an edition is frozen: issue a new one'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'an_edition_is_frozen';
END $$;
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON reports_edition
  FOR EACH ROW EXECUTE FUNCTION reports_frozen();
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON reports_editionfile
  FOR EACH ROW EXECUTE FUNCTION reports_frozen();

-- A receipt stays; it is opened and confirmed once, and through a page by nobody but the receiver.
CREATE OR REPLACE FUNCTION reports_check_receipt() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE'
    OR (to_jsonb(NEW) - 'opened_at' - 'confirmed_at') <> (to_jsonb(OLD) - 'opened_at' - 'confirmed_at')
    OR (OLD.opened_at IS NOT NULL AND NEW.opened_at IS DISTINCT FROM OLD.opened_at)
    OR (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)
    OR (access_is_web() AND OLD.user_id IS DISTINCT FROM access_user())
  THEN
    RAISE EXCEPTION 'a receipt is given once, and by its receiver alone'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_receipt_is_its_receivers';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_receipt BEFORE UPDATE OR DELETE ON reports_receipt
  FOR EACH ROW EXECUTE FUNCTION reports_check_receipt();
