-- What the front page of the back office tells of the whole installation. Installed after every migration; idempotent.

-- A handful of numbers, to whoever holds a role of the back office on that day, and to nobody else.
CREATE OR REPLACE FUNCTION office_state(on_day date, since timestamptz)
RETURNS TABLE (
  database_bytes bigint, waiting bigint, oldest timestamptz, running bigint, failed bigint,
  seal bigint, sealed_at timestamptz, unsealed bigint, refused bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() THEN
    IF NOT EXISTS (SELECT FROM access_assignments(access_user(), on_day, 'office')) THEN
      RAISE EXCEPTION 'the state of the installation is for the back office' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN QUERY
    WITH last_seal AS (
      SELECT s.number, s.taken_at, s.to_xact FROM records_seal s ORDER BY s.number DESC LIMIT 1
    )
    SELECT
      pg_database_size(current_database()),
      (SELECT count(*) FROM jobs_job j WHERE j.state = 'waiting'),
      (SELECT min(j.created_at) FROM jobs_job j WHERE j.state = 'waiting'),
      (SELECT count(*) FROM jobs_job j WHERE j.state = 'running'),
      (SELECT count(*) FROM jobs_job j WHERE j.state = 'failed' AND j.finished_at >= since),
      (SELECT l.number FROM last_seal l),
      (SELECT l.taken_at FROM last_seal l),
      (SELECT count(*) FROM (
         SELECT FROM records_event e WHERE e.xact >= coalesce((SELECT l.to_xact FROM last_seal l), 0) LIMIT 10000
       ) AS few)
      + (SELECT count(*) FROM (
         SELECT FROM records_history h WHERE h.xact >= coalesce((SELECT l.to_xact FROM last_seal l), 0) LIMIT 10000
       ) AS few),
      (SELECT count(*) FROM (
         SELECT FROM records_event e
         WHERE e.refused AND e.kind IN ('accounts.sign-in-refused', 'accounts.site-refused', 'access.network-refused')
           AND e.at >= since ORDER BY e.id DESC LIMIT 10000
       ) AS few);
END $$;

GRANT EXECUTE ON FUNCTION office_state(date, timestamptz) TO gangmu_web, gangmu_system;
