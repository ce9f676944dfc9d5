-- How records come to be. Installed by records.install after every migration; {offset} is filled in there.
-- Every function that writes runs with the owner's rights, names its tables in full and reads pg_temp last, so that
-- nobody can slip a table of the same name underneath.

-- Transaction numbers start anew in a restored database; the offset keeps ours rising across restores.
CREATE OR REPLACE FUNCTION public.records_offset() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT {offset}::bigint $$;
REVOKE EXECUTE ON FUNCTION public.records_offset() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.records_offset() TO gangmu_system;

CREATE OR REPLACE FUNCTION public.records_xact() RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT pg_current_xact_id()::text::bigint + public.records_offset()
$$;
REVOKE EXECUTE ON FUNCTION public.records_xact() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.records_xact() TO gangmu_system;

-- Every transaction with a lower number has ended, whatever order they began in, or runs in another database of the
-- server, where it cannot write here. What they wrote is there for statements that begin after this one.
-- Each look is a statement of its own: who ended between the two looks at what is running is not waited for, and whoever
-- ran all the while was seen with its database. The owner's rights are needed to see which database a session is in.
CREATE OR REPLACE FUNCTION public.records_horizon() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  earlier pg_snapshot;
  later pg_snapshot;
  elsewhere bigint[];
BEGIN
  SELECT pg_current_snapshot() INTO earlier;
  PERFORM pg_stat_clear_snapshot();  -- sessions are looked up once in a transaction otherwise
  SELECT coalesce(array_agg(backend_xid::text::bigint), '{}') INTO elsewhere FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL AND datname <> current_database();
  SELECT pg_current_snapshot() INTO later;
  RETURN public.records_offset() + coalesce(
    (SELECT min(x::text::bigint) FROM pg_snapshot_xip(earlier) AS x
      WHERE x IN (SELECT pg_snapshot_xip(later)) AND (x::text::bigint & 4294967295) <> ALL (elsewhere)),
    pg_snapshot_xmax(earlier)::text::bigint);
END $$;
REVOKE EXECUTE ON FUNCTION public.records_horizon() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.records_horizon() TO gangmu_system;

CREATE OR REPLACE FUNCTION public.records_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET intervalstyle = 'iso_8601' SET bytea_output = 'hex'
SET extra_float_digits = 1
AS $$
DECLARE
  label text := TG_ARGV[0];
  keys text[] := string_to_array(TG_ARGV[1], ',');
  organisation_column text := TG_ARGV[2];
  excluded text[] := string_to_array(TG_ARGV[3], ',');
  ignored text[] := string_to_array(TG_ARGV[4], ',');
  old_image jsonb;
  new_image jsonb;
  old_key text;
  new_key text;
  changed_columns jsonb;
  stood_at timestamptz := clock_timestamp();
  said_at timestamptz := coalesce(nullif(current_setting('gangmu.now', true), '')::timestamptz, stood_at);
BEGIN
  IF TG_OP <> 'INSERT' THEN
    old_image := to_jsonb(OLD);
    SELECT string_agg(old_image ->> key, ',' ORDER BY place) INTO old_key
      FROM unnest(keys) WITH ORDINALITY AS k(key, place);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    new_image := to_jsonb(NEW);
    SELECT string_agg(new_image ->> key, ',' ORDER BY place) INTO new_key
      FROM unnest(keys) WITH ORDINALITY AS k(key, place);
  END IF;
  IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_agg(n.key ORDER BY n.key) INTO changed_columns
      FROM jsonb_each(new_image - ignored) AS n WHERE n.value IS DISTINCT FROM old_image -> n.key;
    IF changed_columns IS NULL THEN
      RETURN NULL;
    END IF;
  END IF;
  -- a row that changes its key is one row removed and another added
  FOR step IN 1 .. CASE WHEN TG_OP = 'UPDATE' AND old_key <> new_key THEN 2 ELSE 1 END LOOP
    INSERT INTO public.records_history
      (model, row, organisation_id, operation, before, after, changed,
       by_id, role, request, at, written_at, fixed_clock, xact)
    SELECT
      label,
      CASE WHEN s.operation = 'delete' THEN old_key ELSE new_key END,
      (coalesce(s.after, s.before) ->> organisation_column)::bigint,
      s.operation,
      s.before - excluded - ignored,
      s.after - excluded - ignored,
      CASE WHEN s.operation = 'update' THEN changed_columns END,
      nullif(nullif(current_setting('gangmu.user_id', true), '')::bigint, 0),
      session_user || CASE current_setting('role') WHEN 'none' THEN '' ELSE '/' || current_setting('role') END,
      coalesce(current_setting('gangmu.request_id', true), ''),
      said_at,
      stood_at,
      abs(extract(epoch FROM said_at - stood_at)) > 86400,
      public.records_xact()
    FROM (
      SELECT
        CASE WHEN TG_OP <> 'UPDATE' OR old_key = new_key THEN lower(TG_OP)
             WHEN step = 1 THEN 'delete' ELSE 'insert' END AS operation,
        CASE WHEN TG_OP = 'UPDATE' AND old_key <> new_key AND step = 2 THEN NULL ELSE old_image END AS before,
        CASE WHEN TG_OP = 'UPDATE' AND old_key <> new_key AND step = 1 THEN NULL ELSE new_image END AS after
    ) AS s;
  END LOOP;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION public.records_keep() FROM PUBLIC;

-- Who signed in counts before whoever the caller names: nobody writes an event in another's name. What concerns no
-- organisation is told where the person works.
CREATE OR REPLACE FUNCTION public.records_note(
  of_kind text, in_organisation bigint, of_subject text, with_data jsonb, from_ip inet, said timestamptz, named bigint, was_refused boolean
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO public.records_event
    (kind, refused, organisation_id, subject, data, ip, by_id, role, request, at, written_at, fixed_clock, xact)
  SELECT
    of_kind, was_refused, coalesce(in_organisation, p.organisation_id), of_subject, with_data, from_ip, t.person,
    session_user || CASE current_setting('role') WHEN 'none' THEN '' ELSE '/' || current_setting('role') END,
    coalesce(current_setting('gangmu.request_id', true), ''),
    said, t.stood_at, abs(extract(epoch FROM said - t.stood_at)) > 86400, public.records_xact()
  FROM (
    SELECT clock_timestamp() AS stood_at,
           coalesce(nullif(nullif(current_setting('gangmu.user_id', true), '')::bigint, 0), named) AS person
  ) AS t
  LEFT JOIN public.accounts_user AS p ON p.id = t.person
  RETURNING id
$$;
REVOKE EXECUTE ON FUNCTION public.records_note(text, bigint, text, jsonb, inet, timestamptz, bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.records_note(text, bigint, text, jsonb, inet, timestamptz, bigint, boolean)
  TO gangmu_web, gangmu_system;

CREATE OR REPLACE FUNCTION public.records_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND coalesce(current_setting('gangmu.purge', true), '') = 'confirmed' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'records are only ever added: % on % is refused', lower(TG_OP), TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', HINT = 'Old records leave by a purge that two people agreed to.';
END $$;
REVOKE EXECUTE ON FUNCTION public.records_refuse() FROM PUBLIC;
