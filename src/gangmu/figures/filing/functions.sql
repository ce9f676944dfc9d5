-- The log that the cube folds. The trigger on batches is deferred to the end of the transaction and draws the
-- number under a lock that is held until the commit is visible: order of numbers = order of commits.

CREATE OR REPLACE FUNCTION filing_log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7411001);
  INSERT INTO filing_change (id, batch_id)
    VALUES ((SELECT coalesce(max(id), 0) + 1 FROM filing_change), NEW.id);
  PERFORM pg_notify('gangmu_facts', '');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION filing_log_head() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT coalesce(max(id), 0) FROM filing_change
$$;

DROP TRIGGER IF EXISTS log_change ON filing_batch;
CREATE CONSTRAINT TRIGGER log_change AFTER INSERT ON filing_batch
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION filing_log_change();
