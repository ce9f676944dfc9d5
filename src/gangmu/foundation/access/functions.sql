-- What policies and the scope are made of. Installed after every migration by access.install; idempotent.
-- Every reader of a setting raises when it is absent: no scope set is an error, never an empty page.

CREATE OR REPLACE FUNCTION access_user() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE setting text := current_setting('gangmu.user_id', true);
BEGIN
  IF coalesce(setting, '') = '' THEN
    RAISE EXCEPTION 'no scope is set: rows were asked for outside a scoped transaction'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN nullif(setting::bigint, 0);
END $$;

-- The organisations of a scope as a bit string: one bit an organisation, so that a policy costs the same for a
-- plant's clerk and for headquarters, and never competes with an index for the plan.
CREATE OR REPLACE FUNCTION access_bits(setting_name text) RETURNS bytea
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  setting text := current_setting('gangmu.' || setting_name, true);
  bits bytea;
  needed bigint;
BEGIN
  IF coalesce(setting, '') = '' THEN
    RAISE EXCEPTION 'no scope is set: rows of % were asked for outside a scoped transaction', setting_name
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  bits := setting::bytea;
  -- Every organisation has a bit, those beyond the highest of the scope too: get_bit refuses to look further.
  SELECT last_value / 8 + 1 - length(bits) INTO needed FROM parties_organisation_id_seq;
  IF needed > 0 THEN
    bits := bits || decode(repeat('00', needed::integer), 'hex');
  END IF;
  RETURN bits;
END $$;

-- Organisations that were once in the scope, with the days on which they were: 'id:[from,to);id:[from,to)'.
CREATE OR REPLACE FUNCTION access_has_former(room text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(current_setting('gangmu.former_' || room, true), '') <> ''
$$;

CREATE OR REPLACE FUNCTION access_was_own(room text, organisation bigint, days daterange) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM unnest(string_to_array(nullif(current_setting('gangmu.former_' || room, true), ''), ';')) AS entry
    WHERE split_part(entry, ':', 1)::bigint = organisation
      AND (days IS NULL OR split_part(entry, ':', 2)::daterange && days)
  )
$$;

-- Whether the caller is the web role, by login or by SET ROLE; also inside functions that run with the owner's rights.
CREATE OR REPLACE FUNCTION access_is_web() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT session_user = 'gangmu_web' OR current_setting('role', true) = 'gangmu_web'
$$;

-- Functions that run with the owner's rights answer the web role about whoever is signed in, and about nobody else.
CREATE OR REPLACE FUNCTION access_require_oneself(of_user bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() AND of_user IS DISTINCT FROM access_user() THEN
    RAISE EXCEPTION 'asked in the name of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

-- The roles a user holds on a day that may be used at a site; those of both where none is named.
DROP FUNCTION IF EXISTS access_assignments(bigint, date);
DROP FUNCTION IF EXISTS access_assignments(bigint, date, text);
CREATE FUNCTION access_assignments(of_user bigint, on_day date, at_site text)
RETURNS TABLE (organisation_id bigint, reach text, permissions text[], role text, hides text[], menu jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM access_require_oneself(of_user);
  RETURN QUERY
    SELECT a.organisation_id, a.reach::text, r.permissions::text[], r.code::text, r.hides::text[], r.menu
    FROM access_assignment a
    JOIN access_role r ON r.id = a.role_id
    JOIN accounts_user u ON u.id = a.user_id AND u.is_active
    WHERE a.user_id = of_user AND a.valid_from <= on_day AND (a.valid_to IS NULL OR a.valid_to > on_day)
      AND (at_site = '' OR r.site IN (at_site, 'both'));
END $$;

-- Everything that ever stood at or under one organisation, with the days on which it did, and whether it counts as its
-- own on `on_day`: it stands there that day, or did on the last day on which it stood anywhere. To the web role, of
-- organisations alone at which whoever is signed in holds a role, or whose roles they look after.
CREATE OR REPLACE FUNCTION access_branch(top bigint, on_day date)
RETURNS TABLE (organisation_id bigint, valid daterange, present boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() THEN -- not one condition: planning it would ask for the user where there is none
    IF NOT EXISTS (
      SELECT FROM access_assignment a WHERE a.organisation_id = top AND a.user_id = access_user()
    ) AND NOT access_looks_after(top, access_today()) THEN
      RAISE EXCEPTION 'asked for a branch in which the user holds no role' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN QUERY
    WITH last_day AS (
      SELECT m.organisation_id,
             max(coalesce(upper(m.valid), 'infinity'::date)) FILTER (WHERE lower_inf(m.valid) OR lower(m.valid) <= on_day) AS ends,
             min(lower(m.valid)) AS begins
      FROM parties_membership m
      WHERE m.depth = 0
      GROUP BY m.organisation_id
    )
    SELECT m.organisation_id, m.valid,
           m.valid @> CASE WHEN l.ends IS NULL THEN l.begins WHEN l.ends > on_day THEN on_day ELSE (l.ends - 1)::date END
    FROM parties_membership m
    JOIN last_day l ON l.organisation_id = m.organisation_id
    WHERE m.ancestor_id = top
      AND CASE WHEN l.ends IS NULL THEN m.valid @> l.begins ELSE lower_inf(m.valid) OR lower(m.valid) <= on_day END;
END $$;
DROP FUNCTION IF EXISTS access_branches(bigint[], date);

-- Whether a scope reaches the whole tree: every organisation that stands at a root today. Where nothing stands in the
-- tree, all there are.
CREATE OR REPLACE FUNCTION access_whole(setting_name text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  bits bytea := access_bits(setting_name);
  today date := (coalesce(nullif(current_setting('gangmu.now', true), '')::timestamptz, clock_timestamp())
                 AT TIME ZONE 'Asia/Shanghai')::date;
  reaches boolean;
BEGIN
  SELECT bool_and(get_bit(bits, p.child_id) = 1) INTO reaches
    FROM parties_placement p WHERE p.parent_id IS NULL AND p.valid @> today;
  IF reaches IS NULL THEN
    SELECT bool_and(get_bit(bits, o.id) = 1) INTO reaches FROM parties_organisation o;
  END IF;
  RETURN coalesce(reaches, false);
END $$;

-- Nobody calls what nobody was given: access.install has taken from PUBLIC what PostgreSQL gives it by default.
GRANT EXECUTE ON FUNCTION
  access_user(), access_bits(text), access_has_former(text), access_was_own(text, bigint, daterange),
  access_is_web(), access_whole(text), access_require_oneself(bigint), access_assignments(bigint, date, text), access_branch(bigint, date)
  TO gangmu_web, gangmu_system;
