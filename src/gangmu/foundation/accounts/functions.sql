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

-- Whether an account may be seen by the caller: their own, one of an organisation of their scope, or, at the top of the
-- tree, one of none.
CREATE OR REPLACE FUNCTION accounts_may_see(of_user bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  place bigint;
BEGIN
  IF NOT access_is_web() OR of_user = access_user() THEN
    RETURN true;
  END IF;
  SELECT u.organisation_id INTO place FROM accounts_user u WHERE u.id = of_user;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  RETURN CASE WHEN place IS NULL THEN access_whole('view_accounts')
              ELSE get_bit(access_bits('view_accounts'), place) = 1 END;
END $$;

-- Whether somebody else's account is the caller's to look after: it works at an organisation of their branch, and holds
-- roles there alone. Who looks after a branch does not get at what reaches beyond it by giving a password.
CREATE OR REPLACE FUNCTION accounts_may_manage(of_user bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  place bigint;
  mine bytea;
BEGIN
  IF NOT access_is_web() THEN
    RETURN true;
  END IF;
  IF of_user = access_user() THEN
    RETURN false;
  END IF;
  mine := access_bits('change_accounts');
  SELECT u.organisation_id INTO place FROM accounts_user u WHERE u.id = of_user;
  RETURN place IS NOT NULL AND get_bit(mine, place) = 1 AND NOT EXISTS (
    SELECT FROM access_assignment a
    WHERE a.user_id = of_user AND (a.valid_to IS NULL OR a.valid_to > access_today())
      AND get_bit(mine, a.organisation_id) = 0);
END $$;

-- Whether an account holds, today or later, a part of the powers that its administrator must not come by: security and
-- audit. Its factors, certificates and addresses are changed by its owner, or at the command line.
CREATE OR REPLACE FUNCTION accounts_guarded(of_user bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT accounts_may_see(of_user) THEN
    RAISE EXCEPTION 'asked of somebody out of sight' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN EXISTS (
    SELECT FROM access_assignment a JOIN access_role r ON r.id = a.role_id
    WHERE a.user_id = of_user AND (a.valid_to IS NULL OR a.valid_to > access_today())
      AND r.power IN ('security', 'audit'));
END $$;

-- Which of the powers nobody else would hold over the whole tree on a day without this account: 'system', 'security' or
-- nothing.
CREATE OR REPLACE FUNCTION accounts_last_of(of_user bigint, on_day date) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kept text;
  permission text;
BEGIN
  FOR kept, permission IN VALUES ('system', 'accounts:change'), ('security', 'access:assign') LOOP
    IF access_holds_everywhere(of_user, permission, access_today()) AND NOT EXISTS (
      SELECT FROM access_assignment a
      JOIN access_role r ON r.id = a.role_id AND r.power = kept
      JOIN accounts_user u ON u.id = a.user_id AND u.is_active AND (u.valid_to IS NULL OR u.valid_to > on_day)
      WHERE a.user_id <> of_user AND access_holds_everywhere(a.user_id, permission, on_day)
    ) THEN
      RETURN kept;
    END IF;
  END LOOP;
  RETURN '';
END $$;

-- What the web role cannot do to an account by plain SQL: change one's own, or one that is not the caller's to look
-- after, or where codes go of one that holds another power. Functions with the owner's rights judge for themselves.
CREATE OR REPLACE FUNCTION accounts_watch_user() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF current_user <> 'gangmu_web' THEN
    RETURN NEW;
  END IF;
  IF NOT accounts_may_manage(OLD.id) THEN
    RAISE EXCEPTION 'the account of somebody else, or one''s own' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF (NEW.email, NEW.phone, NEW.contact_id) IS DISTINCT FROM (OLD.email, OLD.phone, OLD.contact_id)
     AND accounts_guarded(OLD.id) THEN
    RAISE EXCEPTION 'the address of an account with another power' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER guard_user BEFORE UPDATE ON accounts_user
  FOR EACH ROW EXECUTE FUNCTION accounts_watch_user();

-- What nobody can do to an account: switch off the last that administers the system or its security.
CREATE OR REPLACE FUNCTION accounts_keep_last() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  power text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('accounts.last', 0)); -- two at a time could each spare the other
  power := accounts_last_of(OLD.id, CASE WHEN NEW.is_active THEN NEW.valid_to ELSE access_today() END);
  IF power <> '' THEN
    RAISE EXCEPTION 'the last % administrator', power
      USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_last_' || power;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keep_last BEFORE UPDATE ON accounts_user FOR EACH ROW
  WHEN (OLD.is_active AND (NOT NEW.is_active OR (NEW.valid_to IS NOT NULL AND NEW.valid_to IS DISTINCT FROM OLD.valid_to)))
  EXECUTE FUNCTION accounts_keep_last();

-- Whether an account has a factor besides the password that is asked of whoever comes in with it.
CREATE OR REPLACE FUNCTION accounts_has_second(of_user bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM accounts_totp t WHERE t.user_id = of_user AND t.confirmed_at IS NOT NULL)
      OR EXISTS (SELECT FROM accounts_passkey p WHERE p.user_id = of_user);
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
    IF accounts_guarded(of_user) AND NOT accounts_has_second(of_user) THEN
      RAISE EXCEPTION 'the password of an account with another power and no second factor'
        USING ERRCODE = 'insufficient_privilege';
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

-- A session's content, and why there is none any more. Time-outs are judged here, whichever process asks. A request that
-- a page made by itself (`unattended`) is answered like any other, and is no sign of somebody sitting there.
DROP FUNCTION IF EXISTS accounts_session(text, timestamptz);
CREATE OR REPLACE FUNCTION accounts_session(of_key text, at timestamptz, unattended boolean)
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
  IF NOT unattended AND at > one.seen_at + interval '1 minute' THEN  -- nobody waits for somebody else who writes the same
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

-- Code and names of the organisation where somebody works, of which no password is made: also on the way in, where
-- nothing else of it can be seen.
CREATE OR REPLACE FUNCTION accounts_place_words(of_user bigint) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT accounts_may_see(of_user) THEN
    RAISE EXCEPTION 'the place of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN (SELECT ARRAY[o.code::text, o.name_zh::text, o.name_en::text]
          FROM accounts_user u JOIN parties_organisation o ON o.id = u.organisation_id WHERE u.id = of_user);
END $$;

-- What an administrator sees of accounts in scope: since when a password, which factors, how many open sessions. No
-- secret is in it. Of all of them, or of some by their numbers.
CREATE OR REPLACE FUNCTION accounts_states(ids bigint[])
RETURNS TABLE (
  user_id bigint, changed_at timestamptz, must_change boolean, totp boolean, passkeys integer, recovery integer,
  certificates integer, sessions integer, guarded boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  web boolean := access_is_web();
  mine bytea;
  whole boolean := true;
BEGIN
  IF web THEN
    mine := access_bits('view_accounts');
    whole := access_whole('view_accounts');
  END IF;
  RETURN QUERY
    SELECT u.id, c.changed_at, coalesce(c.must_change, false),
           EXISTS (SELECT FROM accounts_totp t WHERE t.user_id = u.id AND t.confirmed_at IS NOT NULL),
           (SELECT count(*)::integer FROM accounts_passkey p WHERE p.user_id = u.id),
           (SELECT count(*)::integer FROM accounts_recoverycode r WHERE r.user_id = u.id),
           (SELECT count(*)::integer FROM accounts_certificate x WHERE x.user_id = u.id),
           (SELECT count(*)::integer FROM accounts_signin i WHERE i.user_id = u.id AND i.ended_at IS NULL),
           EXISTS (SELECT FROM access_assignment a JOIN access_role r ON r.id = a.role_id
                   WHERE a.user_id = u.id AND (a.valid_to IS NULL OR a.valid_to > access_today())
                     AND r.power IN ('security', 'audit'))
    FROM accounts_user u LEFT JOIN accounts_credential c ON c.user_id = u.id
    WHERE (ids IS NULL OR u.id = ANY (ids))
      AND (NOT web OR u.id = access_user()
           OR CASE WHEN u.organisation_id IS NULL THEN whole ELSE get_bit(mine, u.organisation_id) = 1 END);
END $$;

-- The entries in directories that stand for accounts in scope.
CREATE OR REPLACE FUNCTION accounts_entries(ids bigint[])
RETURNS TABLE (user_id bigint, directory text, login text, seen_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT i.user_id, i.directory::text, i.login::text, i.seen_at FROM accounts_identity i
    WHERE i.user_id = ANY (ids) AND accounts_may_see(i.user_id) ORDER BY i.user_id, i.directory;
END $$;

-- Which of some accounts are the caller's to look after.
CREATE OR REPLACE FUNCTION accounts_managed(ids bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT one FROM unnest(ids) AS one WHERE accounts_may_manage(one);
END $$;

-- Give a place to an account of none, such as a directory made: by whoever looks after accounts of the whole tree.
-- Whether it had none.
CREATE OR REPLACE FUNCTION accounts_place(of_user bigint, place bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() THEN
    IF of_user = access_user() OR NOT access_whole('change_accounts')
       OR get_bit(access_bits('change_accounts'), place) = 0 THEN
      RAISE EXCEPTION 'the place of another user' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  UPDATE accounts_user u SET organisation_id = place WHERE u.id = of_user AND u.organisation_id IS NULL;
  RETURN FOUND;
END $$;

-- Which of some user names are taken, by whomever: to who may make accounts. A unique name tells that in any case.
CREATE OR REPLACE FUNCTION accounts_taken(names text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() AND bit_count(access_bits('change_accounts')) = 0 THEN
    RAISE EXCEPTION 'asked for user names without the right to make any' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT u.username::text FROM accounts_user u WHERE u.username = ANY (names);
END $$;

-- Sign-ins of an account in scope, the latest first, without the key of the session.
CREATE OR REPLACE FUNCTION accounts_sign_ins(of_user bigint, most integer)
RETURNS TABLE (id bigint, site text, method text, address inet, agent text, opened_at timestamptz,
               seen_at timestamptz, ended_at timestamptz, end_reason text, ended_from inet)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT accounts_may_see(of_user) THEN
    RAISE EXCEPTION 'the sign-ins of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    SELECT i.id, i.site::text, i.method::text, i.address, i.agent::text, i.opened_at, i.seen_at, i.ended_at,
           i.end_reason::text, i.ended_from
    FROM accounts_signin i WHERE i.user_id = of_user
    ORDER BY i.ended_at IS NOT NULL, i.opened_at DESC, i.id DESC LIMIT least(most, 200);
END $$;

-- End one session of somebody else, by the number of its sign-in. Whether it was open.
CREATE OR REPLACE FUNCTION accounts_end_session(of_user bigint, sign_in bigint, at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  key text;
BEGIN
  IF NOT accounts_may_manage(of_user) THEN
    RAISE EXCEPTION 'the sessions of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE accounts_signin i SET ended_at = at, end_reason = 'closed'
    WHERE i.id = sign_in AND i.user_id = of_user AND i.ended_at IS NULL RETURNING i.session_key INTO key;
  DELETE FROM django_session s WHERE s.session_key = key;
  RETURN key IS NOT NULL;
END $$;

-- The names, hashed, that must wait just now: to who looks after accounts, who knows them by their own hashes alone.
CREATE OR REPLACE FUNCTION accounts_blocked(at timestamptz)
RETURNS TABLE (key text, until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() AND bit_count(access_bits('view_accounts')) = 0 THEN
    RAISE EXCEPTION 'asked who is locked without looking after anybody' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT t.key::text, t.blocked_until FROM accounts_throttle t
    WHERE t.blocked_until > at AND t.locks > 0 AND t.key NOT LIKE 'address:%';
END $$;

-- Forget the failures of an account. Its hashed names are the caller's to compute: the key is not in the database.
CREATE OR REPLACE FUNCTION accounts_unlock(of_user bigint, keys text[]) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  gone integer;
BEGIN
  IF NOT accounts_may_manage(of_user) THEN
    RAISE EXCEPTION 'the failures of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM accounts_throttle t WHERE t.key = ANY (keys) AND t.key NOT LIKE 'address:%';
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;

-- Remove every factor but password and certificates of somebody who has lost them. How many of each.
CREATE OR REPLACE FUNCTION accounts_forget_factors(of_user bigint)
RETURNS TABLE (totp integer, passkeys integer, recovery integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT accounts_may_manage(of_user) OR (access_is_web() AND accounts_guarded(of_user)) THEN
    RAISE EXCEPTION 'the factors of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM accounts_challenge c WHERE c.user_id = of_user;
  DELETE FROM accounts_totp t WHERE t.user_id = of_user;
  GET DIAGNOSTICS totp = ROW_COUNT;
  DELETE FROM accounts_passkey p WHERE p.user_id = of_user;
  GET DIAGNOSTICS passkeys = ROW_COUNT;
  DELETE FROM accounts_recoverycode r WHERE r.user_id = of_user;
  GET DIAGNOSTICS recovery = ROW_COUNT;
  RETURN NEXT;
END $$;

-- Certificates of an account in scope.
CREATE OR REPLACE FUNCTION accounts_certificates(of_user bigint)
RETURNS TABLE (id bigint, fingerprint text, issuer text, serial text, subject text, valid_to timestamptz,
               bound_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT accounts_may_see(of_user) THEN
    RAISE EXCEPTION 'the certificates of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT c.id, c.fingerprint::text, c.issuer::text, c.serial::text, c.subject::text, c.valid_to, c.bound_at
    FROM accounts_certificate c WHERE c.user_id = of_user ORDER BY c.bound_at, c.id;
END $$;

-- Let a certificate, judged by the caller, stand for an account: one's own, or one that one looks after.
CREATE OR REPLACE FUNCTION accounts_bind_certificate(
  of_user bigint, of_fingerprint text, of_issuer text, of_serial text, of_subject text, until timestamptz, at timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  made bigint;
BEGIN
  IF access_is_web() AND of_user IS DISTINCT FROM access_user()
     AND (NOT accounts_may_manage(of_user) OR accounts_guarded(of_user)) THEN
    RAISE EXCEPTION 'the certificates of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO accounts_certificate (user_id, fingerprint, issuer, serial, subject, valid_to, bound_at)
    VALUES (of_user, of_fingerprint, of_issuer, of_serial, of_subject, until, at)
    ON CONFLICT DO NOTHING RETURNING id INTO made;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION accounts_unbind_certificate(of_user bigint, of_certificate bigint) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  was text;
BEGIN
  IF NOT accounts_may_manage(of_user) THEN
    RAISE EXCEPTION 'the certificates of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM accounts_certificate c WHERE c.id = of_certificate AND c.user_id = of_user RETURNING c.serial INTO was;
  RETURN was;
END $$;

-- Accounts in scope that signed in from many addresses, with browsers, and how often one session ousted another.
CREATE OR REPLACE FUNCTION accounts_shared(since timestamptz, least_addresses integer)
RETURNS TABLE (user_id bigint, addresses integer, browsers integer, ousted integer, last_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT i.user_id, count(DISTINCT i.address)::integer, count(DISTINCT i.agent)::integer,
           count(*) FILTER (WHERE i.end_reason = 'elsewhere' AND i.ended_from IS DISTINCT FROM i.address)::integer,
           max(i.opened_at)
    FROM accounts_signin i
    WHERE i.opened_at > since
    GROUP BY i.user_id
    HAVING count(DISTINCT i.address) >= least_addresses AND accounts_may_see(i.user_id);
END $$;

-- Whether the caller sets the rules of signing in.
CREATE OR REPLACE FUNCTION accounts_may_set_policy() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT access_is_web() THEN
    RETURN true;
  END IF;
  RETURN access_holds_everywhere(access_user(), 'access:policy', access_today());
END $$;

-- Rules from a day on, today at the earliest; those that begin on that day already are replaced.
CREATE OR REPLACE FUNCTION accounts_put_policy(rules jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  new accounts_policy;
BEGIN
  IF NOT accounts_may_set_policy() THEN
    RAISE EXCEPTION 'the rules of signing in' USING ERRCODE = 'insufficient_privilege';
  END IF;
  new := jsonb_populate_record(NULL::accounts_policy, rules);
  IF new.valid_from < access_today() THEN
    RAISE EXCEPTION 'rules do not change in the past' USING ERRCODE = 'check_violation';
  END IF;
  SELECT p.id INTO new.id FROM accounts_policy p WHERE p.valid_from = new.valid_from FOR UPDATE;
  IF FOUND THEN
    UPDATE accounts_policy p SET (
      min_length, kinds, history, max_age_days, min_age_days, max_failures, address_failures, lock_minutes,
      idle_minutes, absolute_hours, code_minutes, dormant_days, captcha_after, second_factor, second_factor_roles,
      weak_words
    ) = (
      new.min_length, new.kinds, new.history, new.max_age_days, new.min_age_days, new.max_failures,
      new.address_failures, new.lock_minutes, new.idle_minutes, new.absolute_hours, new.code_minutes, new.dormant_days,
      new.captcha_after, new.second_factor, new.second_factor_roles, new.weak_words
    ) WHERE p.id = new.id;
    RETURN new.id;
  END IF;
  INSERT INTO accounts_policy (
      valid_from, min_length, kinds, history, max_age_days, min_age_days, max_failures, address_failures, lock_minutes,
      idle_minutes, absolute_hours, code_minutes, dormant_days, captcha_after, second_factor, second_factor_roles,
      weak_words
    ) VALUES (
      new.valid_from, new.min_length, new.kinds, new.history, new.max_age_days, new.min_age_days, new.max_failures,
      new.address_failures, new.lock_minutes, new.idle_minutes, new.absolute_hours, new.code_minutes, new.dormant_days,
      new.captcha_after, new.second_factor, new.second_factor_roles, new.weak_words
    ) RETURNING id INTO new.id;
  RETURN new.id;
END $$;

-- Withdraw rules that have not begun.
CREATE OR REPLACE FUNCTION accounts_drop_policy(of_day date) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT accounts_may_set_policy() THEN
    RAISE EXCEPTION 'the rules of signing in' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM accounts_policy p WHERE p.valid_from = of_day AND p.valid_from > access_today();
  RETURN FOUND;
END $$;

-- Hand a mail or message, encrypted by the caller, to the workers: for oneself, also on the way in, or for somebody
-- whom one looks after. It is sent if and only if the present transaction commits.
CREATE OR REPLACE FUNCTION accounts_post(of_user bigint, by_way text, closed text, at timestamptz, until timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  made bigint;
BEGIN
  IF access_is_web() AND of_user IS DISTINCT FROM access_user() AND NOT accounts_may_manage(of_user) THEN
    RAISE EXCEPTION 'a mail to another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO accounts_outgoing (user_id, way, content, queued_at, expires_at)
    VALUES (of_user, by_way, closed, at, until) RETURNING id INTO made;
  PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
    'default', 'gangmu.accounts.deliver', 0, NULL, NULL, jsonb_build_object('outgoing', made), NULL
  )]::procrastinate_job_to_defer_v1[]);
  RETURN made;
END $$;

GRANT EXECUTE ON FUNCTION
  accounts_credentials(text), accounts_password_state(bigint),
  accounts_set_password(bigint, text, timestamptz, boolean, boolean), accounts_policy_at(timestamptz),
  accounts_standing(text, text, timestamptz), accounts_attempt(text, text, timestamptz),
  accounts_forgive(text, text, timestamptz), accounts_session(text, timestamptz, boolean),
  accounts_open(bigint, text, text, text, inet, text, timestamptz, boolean),
  accounts_close(bigint, text, text, text, timestamptz), accounts_certificate_holder(text),
  accounts_may_manage(bigint), accounts_guarded(bigint), accounts_states(bigint[]), accounts_managed(bigint[]),
  accounts_place(bigint, bigint), accounts_entries(bigint[]), accounts_place_words(bigint),
  accounts_taken(text[]),
  accounts_sign_ins(bigint, integer), accounts_end_session(bigint, bigint, timestamptz), accounts_blocked(timestamptz),
  accounts_unlock(bigint, text[]), accounts_forget_factors(bigint), accounts_certificates(bigint),
  accounts_bind_certificate(bigint, text, text, text, text, timestamptz, timestamptz),
  accounts_unbind_certificate(bigint, bigint), accounts_shared(timestamptz, integer),
  accounts_put_policy(jsonb), accounts_drop_policy(date), accounts_post(bigint, text, text, timestamptz, timestamptz)
  TO gangmu_web, gangmu_system;
