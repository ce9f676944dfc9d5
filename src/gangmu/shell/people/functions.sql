-- What who looks after people sees of them beyond their accounts: roles (to read), refusals, powers. Installed after
-- every migration; idempotent.

-- The roles of some accounts in scope, today's and later ones. An organisation out of sight is not named.
CREATE OR REPLACE FUNCTION people_roles(ids bigint[])
RETURNS TABLE (user_id bigint, code text, name_zh text, name_en text, site text, place_zh text, place_en text,
               reach text, valid_from date, valid_to date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  web boolean := access_is_web();
  seen bytea;
BEGIN
  IF web THEN
    seen := access_bits('view_parties');
  END IF;
  RETURN QUERY
    SELECT a.user_id, r.code::text, r.name_zh::text, r.name_en::text, r.site::text,
           CASE WHEN NOT web OR get_bit(seen, o.id) = 1 THEN coalesce(nullif(o.name_zh, ''), o.name_en)::text END,
           CASE WHEN NOT web OR get_bit(seen, o.id) = 1 THEN coalesce(nullif(o.name_en, ''), o.name_zh)::text END,
           a.reach::text, a.valid_from, a.valid_to
    FROM access_assignment a
    JOIN access_role r ON r.id = a.role_id
    JOIN parties_organisation o ON o.id = a.organisation_id
    WHERE a.user_id = ANY (ids) AND (a.valid_to IS NULL OR a.valid_to > access_today()) AND accounts_may_see(a.user_id)
    ORDER BY a.user_id, r.code, o.code;
END $$;

-- Accounts in scope that hold no role today, and none that begins later.
CREATE OR REPLACE FUNCTION people_without_role() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT s.user_id FROM accounts_states(NULL) AS s
    WHERE NOT EXISTS (
      SELECT FROM access_assignment a
      WHERE a.user_id = s.user_id AND (a.valid_to IS NULL OR a.valid_to > access_today()));
END $$;

-- Accounts in scope that hold a role of the back office, or a part of the three powers, with these.
CREATE OR REPLACE FUNCTION people_administrators()
RETURNS TABLE (user_id bigint, powers text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT s.user_id, array_agg(DISTINCT r.power::text ORDER BY r.power::text) FILTER (WHERE r.power <> '')
    FROM accounts_states(NULL) AS s
    JOIN access_assignment a ON a.user_id = s.user_id AND (a.valid_to IS NULL OR a.valid_to > access_today())
    JOIN access_role r ON r.id = a.role_id
    WHERE r.site IN ('office', 'both') OR r.power <> ''
    GROUP BY s.user_id;
END $$;

-- What was refused to somebody in scope lately, without what was noted beside it.
CREATE OR REPLACE FUNCTION people_refusals(of_user bigint, most integer)
RETURNS TABLE (at timestamptz, kind text, ip inet)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT accounts_may_see(of_user) THEN
    RAISE EXCEPTION 'the refusals of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    SELECT e.at, e.kind::text, e.ip::inet FROM records_event e
    WHERE e.refused AND e.by_id = of_user AND e.kind LIKE 'accounts.%'
    ORDER BY e.id DESC LIMIT least(most, 100);
END $$;

GRANT EXECUTE ON FUNCTION
  people_roles(bigint[]), people_without_role(), people_administrators(), people_refusals(bigint, integer)
  TO gangmu_web, gangmu_system;
