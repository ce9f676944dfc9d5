-- What signing in does before anybody has signed in, and what nobody may do by plain SQL: read a password's hash, count
-- and forgive attempts, begin and end sessions. Installed after every migration; idempotent.

-- The one hole made on purpose before anybody has signed in: the password hash of one user name. Whoever has signed in
-- gets their own alone.
CREATE OR REPLACE FUNCTION accounts_credentials(of_username text)
RETURNS TABLE (id bigint, password text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT u.id, c.password::text FROM accounts_user u JOIN accounts_credential c ON c.user_id = u.id
    WHERE u.username = of_username AND u.is_active
      AND (NOT access_is_web() OR coalesce(access_user(), u.id) = u.id);
END $$;

-- Of one's own password: since when, whether somebody else chose it, and the hashes of those before it.
CREATE OR REPLACE FUNCTION accounts_password_state(of_user bigint)
RETURNS TABLE (password text, changed_at timestamptz, must_change boolean, former text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM access_require_oneself(of_user);
  RETURN QUERY
    SELECT c.password::text, c.changed_at, c.must_change,
           ARRAY(SELECT f.password::text FROM accounts_formerpassword f
                 WHERE f.user_id = of_user ORDER BY f.replaced_at DESC, f.id DESC)
    FROM accounts_credential c WHERE c.user_id = of_user;
END $$;

-- Whether somebody else's account is the caller's to look after.
CREATE OR REPLACE FUNCTION accounts_may_manage(of_user bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  place bigint;
BEGIN
  IF NOT access_is_web() THEN
    RETURN true;
  END IF;
  SELECT u.organisation_id INTO place FROM accounts_user u WHERE u.id = of_user;
  RETURN place IS NOT NULL AND get_bit(access_bits('change_accounts'), place) = 1;
END $$;

-- Put a hash in place of the one that stands. `rehash`: the same password, hashed anew. One's own by whoever is signed
-- in; somebody else's by whoever may change accounts at their organisation, and then it must be changed at once.
CREATE OR REPLACE FUNCTION accounts_set_password(of_user bigint, hash text, at timestamptz, rehash boolean, by_other boolean)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() AND (by_other OR of_user IS DISTINCT FROM access_user()) THEN
    IF NOT by_other OR rehash OR NOT accounts_may_manage(of_user) THEN
      RAISE EXCEPTION 'the password of another user' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  IF rehash THEN
    UPDATE accounts_credential c SET password = hash WHERE c.user_id = of_user;
    RETURN;
  END IF;
  INSERT INTO accounts_formerpassword (user_id, password, replaced_at)
    SELECT c.user_id, c.password, at FROM accounts_credential c WHERE c.user_id = of_user;
  DELETE FROM accounts_formerpassword f WHERE f.user_id = of_user AND f.id NOT IN (
    SELECT k.id FROM accounts_formerpassword k WHERE k.user_id = of_user ORDER BY k.replaced_at DESC, k.id DESC LIMIT 24);
  INSERT INTO accounts_credential (user_id, password, changed_at, must_change) VALUES (of_user, hash, at, by_other)
    ON CONFLICT (user_id) DO UPDATE SET password = hash, changed_at = at, must_change = by_other;
END $$;

CREATE OR REPLACE FUNCTION accounts_policy_at(at timestamptz) RETURNS accounts_policy
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  rules accounts_policy;
BEGIN
  SELECT * INTO rules FROM accounts_policy p
    WHERE p.valid_from <= (at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY p.valid_from DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no sign-in policy holds on that day';
  END IF;
  RETURN rules;
END $$;

-- How things stand with a name and an address: seconds to wait, failures of each. Counts nothing.
CREATE OR REPLACE FUNCTION accounts_standing(account text, address text, at timestamptz)
RETURNS TABLE (wait integer, failures integer, of_address integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT coalesce(max(greatest(ceil(extract(epoch FROM t.blocked_until - at)), 0)), 0)::integer,
           coalesce(max(t.failures + 10 * t.locks) FILTER (WHERE t.key = account), 0)::integer,
           coalesce(max(t.failures) FILTER (WHERE t.key = accounts_standing.address), 0)::integer
    FROM accounts_throttle t
    WHERE t.key IN (account, accounts_standing.address) AND t.last_at > at - interval '1 day';
END $$;

-- Count an attempt before it is judged, so that a thousand at the same time are no more than one after the other. Who
-- must wait is told how long, and is not counted. Whoever then turns out to be right is forgiven (accounts_forgive).
CREATE OR REPLACE FUNCTION accounts_attempt(account text, address text, at timestamptz)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  rules accounts_policy := accounts_policy_at(at);
  one accounts_throttle;
  pause interval;
BEGIN
  INSERT INTO accounts_throttle (key, failures, locks, last_at) VALUES (account, 0, 0, at), (address, 0, 0, at)
    ON CONFLICT DO NOTHING;
  PERFORM FROM accounts_throttle t WHERE t.key IN (account, address) ORDER BY t.key FOR UPDATE;
  UPDATE accounts_throttle t SET failures = 0, locks = 0, blocked_until = NULL
    WHERE t.key IN (account, address) AND t.last_at <= at - interval '1 day';
  FOR one IN SELECT * FROM accounts_throttle t WHERE t.key IN (account, address) ORDER BY t.blocked_until DESC NULLS LAST
  LOOP
    IF one.blocked_until > at THEN
      RETURN greatest(ceil(extract(epoch FROM one.blocked_until - at)), 1);
    END IF;
  END LOOP;
  FOR one IN SELECT * FROM accounts_throttle t WHERE t.key IN (account, address)
  LOOP
    one.failures := one.failures + 1;
    IF one.key = account AND one.failures >= rules.max_failures THEN
      pause := make_interval(mins => rules.lock_minutes * power(2, least(one.locks, 4))::integer);
      one.failures := 0;
      one.locks := one.locks + 1;
    ELSIF one.key = account THEN
      pause := CASE WHEN one.failures < 3 THEN interval '0' ELSE make_interval(secs => 5 * power(2, one.failures - 3)) END;
    ELSIF one.failures >= rules.address_failures THEN
      pause := make_interval(secs => least(900, 15 * power(2, least(one.failures - rules.address_failures, 6))));
    ELSE
      pause := interval '0';
    END IF;
    UPDATE accounts_throttle t
      SET failures = one.failures, locks = one.locks, last_at = at, blocked_until = at + pause WHERE t.key = one.key;
  END LOOP;
  RETURN 0;
END $$;

-- An attempt was right: the name begins anew, the address gets this one attempt back.
CREATE OR REPLACE FUNCTION accounts_forgive(account text, address text, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM accounts_throttle t WHERE t.key IN (account, address) ORDER BY t.key FOR UPDATE;
  DELETE FROM accounts_throttle t WHERE t.key = account;
  UPDATE accounts_throttle t SET failures = greatest(t.failures - 1, 0), blocked_until = NULL WHERE t.key = address;
END $$;

-- A session's content, and why there is none any more. Time-outs are judged here, whichever process asks.
CREATE OR REPLACE FUNCTION accounts_session(of_key text, at timestamptz)
RETURNS TABLE (session_data text, of_user bigint, ended text, ended_at timestamptz, ended_from inet)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  one accounts_signin;
  rules accounts_policy;
  why text := '';
BEGIN
  SELECT * INTO one FROM accounts_signin i WHERE i.session_key = of_key;
  IF NOT FOUND THEN
    RETURN QUERY SELECT s.session_data, NULL::bigint, '', NULL::timestamptz, NULL::inet
      FROM django_session s WHERE s.session_key = of_key AND s.expire_date > at;
    RETURN;
  END IF;
  IF one.ended_at IS NOT NULL THEN
    RETURN QUERY SELECT NULL::text, one.user_id, one.end_reason::text, one.ended_at, one.ended_from;
    RETURN;
  END IF;
  rules := accounts_policy_at(at);
  IF at >= one.opened_at + make_interval(hours => rules.absolute_hours) THEN
    why := 'absolute';
  ELSIF at >= one.seen_at + make_interval(mins => rules.idle_minutes) THEN
    why := 'idle';
  END IF;
  IF why <> '' THEN
    UPDATE accounts_signin i SET ended_at = at, end_reason = why WHERE i.id = one.id;
    DELETE FROM django_session s WHERE s.session_key = of_key;
    RETURN QUERY SELECT NULL::text, one.user_id, why, at, NULL::inet;
    RETURN;
  END IF;
  IF at > one.seen_at + interval '1 minute' THEN  -- nobody waits for somebody else who writes the same
    UPDATE accounts_signin i SET seen_at = at
      WHERE i.id IN (SELECT w.id FROM accounts_signin w WHERE w.id = one.id FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN QUERY SELECT s.session_data, one.user_id, '', NULL::timestamptz, NULL::inet
    FROM django_session s WHERE s.session_key = of_key;
END $$;

-- Begin a session. With `alone` every other session of the account ends, here and on every site. Gives the sign-in
-- before this one, for the person to see.
CREATE OR REPLACE FUNCTION accounts_open(
  of_user bigint, key text, of_site text, by_method text, from_where inet, of_agent text, at timestamptz, alone boolean)
RETURNS TABLE (before_at timestamptz, before_from inet, ousted integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  others integer := 0;
BEGIN
  PERFORM access_require_oneself(of_user);
  UPDATE accounts_user u SET last_login = at WHERE u.id = of_user;  -- others who sign in to the account wait here
  IF alone THEN
    WITH gone AS (
      UPDATE accounts_signin i SET ended_at = at, end_reason = 'elsewhere', ended_from = from_where
      WHERE i.user_id = of_user AND i.ended_at IS NULL RETURNING i.session_key
    ), wiped AS (DELETE FROM django_session s USING gone g WHERE s.session_key = g.session_key)
    SELECT count(*) INTO others FROM gone;
  END IF;
  RETURN QUERY SELECT i.opened_at, i.address, others FROM accounts_signin i
    WHERE i.user_id = of_user ORDER BY i.opened_at DESC, i.id DESC LIMIT 1;
  INSERT INTO accounts_signin (user_id, session_key, site, method, address, agent, opened_at, seen_at, end_reason)
    VALUES (of_user, key, of_site, by_method, from_where, left(of_agent, 200), at, at, '');
END $$;

-- End sessions of one account: this one, every other, or all.
CREATE OR REPLACE FUNCTION accounts_close(of_user bigint, this text, which text, why text, at timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  ended integer;
BEGIN
  IF access_is_web() AND of_user IS DISTINCT FROM access_user() AND NOT accounts_may_manage(of_user) THEN
    RAISE EXCEPTION 'the sessions of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  WITH gone AS (
    UPDATE accounts_signin i SET ended_at = at, end_reason = why
    WHERE i.user_id = of_user AND i.ended_at IS NULL
      AND (which = 'all' OR (which = 'this') = (i.session_key = this)) RETURNING i.session_key
  ), wiped AS (DELETE FROM django_session s USING gone g WHERE s.session_key = g.session_key)
  SELECT count(*) INTO ended FROM gone;
  RETURN ended;
END $$;

-- Whose certificate this is. Tells a stranger an account's number and nothing else.
CREATE OR REPLACE FUNCTION accounts_certificate_holder(of_fingerprint text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.user_id FROM accounts_certificate c JOIN accounts_user u ON u.id = c.user_id AND u.is_active
  WHERE c.fingerprint = of_fingerprint
$$;

GRANT EXECUTE ON FUNCTION
  accounts_credentials(text), accounts_password_state(bigint),
  accounts_set_password(bigint, text, timestamptz, boolean, boolean), accounts_policy_at(timestamptz),
  accounts_standing(text, text, timestamptz), accounts_attempt(text, text, timestamptz),
  accounts_forgive(text, text, timestamptz), accounts_session(text, timestamptz),
  accounts_open(bigint, text, text, text, inet, text, timestamptz, boolean),
  accounts_close(bigint, text, text, text, timestamptz), accounts_certificate_holder(text)
  TO gangmu_web, gangmu_system;
