-- What directories need before anybody has signed in. Installed after every migration; idempotent.

-- Whose an entry is, of which the directory has just said that it is the asker. What becomes of a stranger is what the
-- directory's row of the day says; an account that is made has no role, and opens nothing before somebody gives it one.
CREATE OR REPLACE FUNCTION accounts_arrive(
  of_directory text, of_subject text, of_login text, of_name text, of_mail text, at timestamptz)
RETURNS TABLE (user_id bigint, outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  today date := (at AT TIME ZONE 'Asia/Shanghai')::date;
  rules accounts_directory;
  found_user bigint;
BEGIN
  IF access_is_web() AND access_user() IS NOT NULL THEN
    RAISE EXCEPTION 'somebody has signed in already' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT * INTO rules FROM accounts_directory d WHERE d.code = of_directory AND d.valid_from <= today
    ORDER BY d.valid_from DESC LIMIT 1;
  IF NOT FOUND OR rules.valid_to <= today THEN
    RETURN QUERY SELECT NULL::bigint, 'closed'; RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('accounts_arrive:' || of_directory, 0));
  UPDATE accounts_identity i SET seen_at = at, login = left(of_login, 255)
    WHERE i.directory = of_directory AND i.subject = of_subject RETURNING i.user_id INTO found_user;
  IF FOUND THEN
    RETURN QUERY SELECT found_user, 'known'; RETURN;
  END IF;
  IF rules.arrivals = 'refuse' OR of_login !~ '^[A-Za-z][A-Za-z0-9_.@-]{0,63}$' THEN
    RETURN QUERY SELECT NULL::bigint, 'unbound'; RETURN;
  END IF;
  SELECT u.id INTO found_user FROM accounts_user u WHERE lower(u.username) = lower(of_login) LIMIT 1;
  IF FOUND THEN
    IF rules.arrivals <> 'bind'
       OR EXISTS (SELECT FROM accounts_identity i WHERE i.user_id = found_user AND i.directory = of_directory) THEN
      RETURN QUERY SELECT NULL::bigint, 'name-taken'; RETURN;
    END IF;
  ELSIF rules.arrivals = 'create' THEN
    INSERT INTO accounts_user (username, name, email, phone, is_active, created_at)
      VALUES (of_login, left(coalesce(nullif(of_name, ''), of_login), 80), left(of_mail, 254), '', true, at)
      RETURNING id INTO found_user;
  ELSE
    RETURN QUERY SELECT NULL::bigint, 'unbound'; RETURN;
  END IF;
  INSERT INTO accounts_identity (user_id, directory, subject, login, bound_at, seen_at)
    VALUES (found_user, of_directory, of_subject, left(of_login, 255), at, at);
  RETURN QUERY SELECT found_user, CASE rules.arrivals WHEN 'create' THEN 'created' ELSE 'bound' END;
END $$;

-- The user name of the account that an entry stands for, by which failures are counted; nothing when it stands for none.
CREATE OR REPLACE FUNCTION accounts_entry_account(of_directory text, of_subject text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT u.username FROM accounts_identity i JOIN accounts_user u ON u.id = i.user_id
  WHERE i.directory = of_directory AND i.subject = of_subject
$$;

-- Use up what counts once; false when it was used before.
CREATE OR REPLACE FUNCTION accounts_spend(of_digest text, until timestamptz, at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM accounts_spent s WHERE s.expires_at <= at;
  INSERT INTO accounts_spent (digest, expires_at) VALUES (of_digest, until) ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;

GRANT EXECUTE ON FUNCTION
  accounts_arrive(text, text, text, text, text, timestamptz), accounts_entry_account(text, text),
  accounts_spend(text, timestamptz, timestamptz)
  TO gangmu_web, gangmu_system;
