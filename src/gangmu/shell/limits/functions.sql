-- What is expensive, counted for all processes together. Installed after every migration; idempotent.

-- Take one of `burst` that come back one every `every`. `wait` is 0 when there was one, or the seconds until there is;
-- `tell` says whether this refusal is to be recorded: the first of a key in a minute.
CREATE OR REPLACE FUNCTION limits_take(
  bucket text, at timestamptz, every interval, burst integer, OUT wait integer, OUT tell boolean
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  one limits_bucket;
  full_at timestamptz := at + every * (burst - 1);
BEGIN
  wait := 0;
  tell := false;
  INSERT INTO limits_bucket AS b (key, due) VALUES (left(bucket, 120), at) ON CONFLICT DO NOTHING;
  SELECT * INTO one FROM limits_bucket b WHERE b.key = left(bucket, 120) FOR UPDATE;
  one.due := greatest(least(coalesce(one.due, at), full_at + every), at);  -- a clock put back locks nobody out
  IF one.due > full_at THEN
    wait := greatest(ceil(extract(epoch FROM one.due - full_at)), 1);
    tell := one.told_at IS NULL OR one.told_at <= at - interval '1 minute' OR one.told_at > at;
    IF tell THEN
      UPDATE limits_bucket b SET told_at = at WHERE b.key = one.key;
    END IF;
    RETURN;
  END IF;
  UPDATE limits_bucket b SET due = one.due + every WHERE b.key = one.key;
  IF random() < 0.01 THEN  -- what has run empty is nobody's any more
    DELETE FROM limits_bucket b WHERE b.key IN (
      SELECT old.key FROM limits_bucket old WHERE old.due < at - interval '1 hour' FOR UPDATE SKIP LOCKED LIMIT 1000
    );
  END IF;
END $$;

REVOKE ALL ON FUNCTION limits_take(text, timestamptz, interval, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION limits_take(text, timestamptz, interval, integer) TO gangmu_web, gangmu_system;
