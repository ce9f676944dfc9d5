-- Who may give what to whom, judged in the database. The web role has no grant on roles and assignments: it writes them
-- through these functions, which ask who the scope says is signed in. Installed after functions.sql; idempotent.

-- The business day: of our clock where it is set, else of the database's.
CREATE OR REPLACE FUNCTION access_today() RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (coalesce(nullif(current_setting('gangmu.now', true), '')::timestamptz, clock_timestamp())
          AT TIME ZONE 'Asia/Shanghai')::date
$$;

CREATE OR REPLACE FUNCTION access_now() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(nullif(current_setting('gangmu.now', true), '')::timestamptz, clock_timestamp())
$$;

-- Whether one permission covers another; the same as permissions.implies.
CREATE OR REPLACE FUNCTION access_implies(granted text, wanted text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  have text[] := string_to_array(granted, ':');
  want text[] := string_to_array(wanted, ':');
  options text[];
BEGIN
  FOR i IN 1 .. greatest(cardinality(have), cardinality(want)) LOOP
    IF i > cardinality(have) THEN
      RETURN true;
    END IF;
    options := string_to_array(have[i], ',');
    CONTINUE WHEN '*' = ANY (options);
    IF i > cardinality(want) OR NOT (string_to_array(want[i], ',') <@ options) THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;

-- Permissions with one room, action and object each; the same as permissions.atoms.
CREATE OR REPLACE FUNCTION access_atoms(permissions text[]) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT concat_ws(':', room, action, object)
  FROM unnest(permissions) AS one
  CROSS JOIN LATERAL unnest(string_to_array(split_part(one, ':', 1), ',')) AS room
  LEFT JOIN LATERAL unnest(string_to_array(nullif(split_part(one, ':', 2), ''), ',')) AS action ON true
  LEFT JOIN LATERAL unnest(string_to_array(nullif(split_part(one, ':', 3), ''), ',')) AS object ON true
$$;

-- Of which of the three powers 三员 permissions hold a part; the same as permissions.powers.
CREATE OR REPLACE FUNCTION access_powers(permissions text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT power ORDER BY power), '{}')
  FROM access_atoms(permissions) AS atom
  CROSS JOIN LATERAL (
    SELECT split_part(atom, ':', 1) AS room, split_part(atom, ':', 2) NOT IN ('view', 'export', 'contact') AS writes
  ) AS parts
  JOIN (VALUES ('system', 'accounts', true), ('security', 'access', true), ('audit', 'records', false))
    AS known(power, room, by_writing)
    ON parts.room IN (known.room, '*') AND (parts.writes OR NOT known.by_writing)
$$;

-- A role holds a part of one power at most, and says of which.
CREATE OR REPLACE FUNCTION access_name_power() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE held text[] := access_powers(NEW.permissions::text[]);
BEGIN
  IF cardinality(held) > 1 THEN
    RAISE EXCEPTION 'a role cannot hold parts of several powers: %', array_to_string(held, ', ')
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_role_has_one_power';
  END IF;
  NEW.power := coalesce(held[1], '');
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER name_power BEFORE INSERT OR UPDATE ON access_role
  FOR EACH ROW EXECUTE FUNCTION access_name_power();

-- Two accounts of one person count as one.
CREATE OR REPLACE FUNCTION access_same_person(one bigint, other bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT one = other OR EXISTS (
    SELECT FROM accounts_user a JOIN accounts_user b ON a.contact_id = b.contact_id WHERE a.id = one AND b.id = other)
$$;

-- Nobody holds two of the three powers on one day, whoever gave them and however: pages, command line, SQL.
CREATE OR REPLACE FUNCTION access_check_powers(of_user bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE pair record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('access.powers', 0)); -- two at a time could each miss the other's
  SELECT a.user_id, ra.power AS one, rb.power AS other INTO pair
  FROM accounts_user me
  JOIN accounts_user u ON u.id = me.id OR u.contact_id = me.contact_id
  JOIN access_assignment a ON a.user_id = me.id
  JOIN access_role ra ON ra.id = a.role_id AND ra.power <> ''
  JOIN access_assignment b ON b.user_id = u.id
  JOIN access_role rb ON rb.id = b.role_id AND rb.power <> '' AND rb.power <> ra.power
  WHERE me.id = of_user AND daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'one person would hold the powers % and % at once', pair.one, pair.other
      USING ERRCODE = 'check_violation', CONSTRAINT = 'three_powers_apart',
            DETAIL = concat_ws(',', pair.one, pair.other);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION access_keep_powers_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE holder bigint;
BEGIN
  IF TG_TABLE_NAME = 'access_assignment' THEN
    PERFORM FROM access_role r WHERE r.id = NEW.role_id AND r.power <> '' FOR SHARE;
    IF FOUND THEN
      PERFORM access_check_powers(NEW.user_id);
    END IF;
  ELSIF TG_TABLE_NAME = 'accounts_user' THEN
    PERFORM access_check_powers(NEW.id);
  ELSE
    FOR holder IN SELECT DISTINCT a.user_id FROM access_assignment a WHERE a.role_id = NEW.id LOOP
      PERFORM access_check_powers(holder);
    END LOOP;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER keep_powers_apart AFTER INSERT OR UPDATE ON access_assignment
  FOR EACH ROW EXECUTE FUNCTION access_keep_powers_apart();
CREATE OR REPLACE TRIGGER keep_powers_apart AFTER UPDATE OF permissions ON access_role
  FOR EACH ROW WHEN (NEW.power <> '' AND NEW.power <> OLD.power) EXECUTE FUNCTION access_keep_powers_apart();
CREATE OR REPLACE TRIGGER keep_powers_apart AFTER UPDATE OF contact_id ON accounts_user
  FOR EACH ROW WHEN (NEW.contact_id IS NOT NULL AND NEW.contact_id IS DISTINCT FROM OLD.contact_id)
  EXECUTE FUNCTION access_keep_powers_apart();

-- The days on which `below` counts as standing at or under `top`; one that has closed stays where it stood last.
CREATE OR REPLACE FUNCTION access_days_under(top bigint, below bigint) RETURNS datemultirange
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE WHEN top = below THEN '{(,)}'::datemultirange ELSE
    under.days + CASE
      WHEN NOT isempty(placed.days) AND NOT upper_inf(placed.days) AND under.days @> (upper(placed.days) - 1)
      THEN datemultirange(daterange(upper(placed.days), NULL)) ELSE '{}' END
  END
  FROM (SELECT coalesce(range_agg(m.valid), '{}') AS days FROM parties_membership m
        WHERE m.organisation_id = below AND m.depth = 0) AS placed,
       (SELECT coalesce(range_agg(m.valid), '{}') AS days FROM parties_membership m
        WHERE m.organisation_id = below AND m.ancestor_id = top) AS under
$$;

-- Whether the branch of `below` holds nothing, on any of these days or from former times, that the branch of `top` does
-- not hold: an organisation that came from elsewhere brings along what stood under it there.
CREATE OR REPLACE FUNCTION access_branch_within(top bigint, below bigint, during daterange) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT top = below OR NOT EXISTS (
    SELECT FROM (
      SELECT m.organisation_id AS id, range_agg(m.valid) AS days FROM parties_membership m
      WHERE m.ancestor_id = below GROUP BY m.organisation_id
    ) AS x
    CROSS JOIN LATERAL (
      SELECT coalesce(range_agg(m.valid), '{}') AS days FROM parties_membership m
      WHERE m.organisation_id = x.id AND m.ancestor_id = top
    ) AS seen
    WHERE NOT x.days <@ seen.days AND (
      NOT (access_days_under(below, x.id) * datemultirange(during) <@ access_days_under(top, x.id))
      OR NOT (
        datemultirange(during) <@ access_days_under(top, x.id)
        OR access_days_under(below, x.id) @> datemultirange(during)
      )
    )
  )
$$;

-- The days on which a person's roles cover one permission at an organisation, with a reach, for a site ('' for any):
-- what they hold covers nothing finer than they have, so that a role of theirs which hides something covers only roles
-- which hide it too. Of a branch only where it lies within theirs during `during`.
CREATE OR REPLACE FUNCTION access_covered(
  holder bigint, atom text, for_site text, at_organisation bigint, with_reach text, hidden text[], during daterange
) RETURNS datemultirange
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(range_agg(held.days), '{}')
  FROM (
    SELECT datemultirange(daterange(a.valid_from, a.valid_to)) * CASE
      WHEN a.reach = 'branch' AND (with_reach <> 'branch'
        OR access_branch_within(a.organisation_id, at_organisation, during))
        THEN access_days_under(a.organisation_id, at_organisation)
      WHEN a.organisation_id = at_organisation AND (a.reach, with_reach) IN (('own', 'own'), ('own', 'self'), ('self', 'self'))
        THEN '{(,)}' ELSE '{}' END AS days
    FROM access_assignment a
    JOIN access_role r ON r.id = a.role_id
    JOIN accounts_user u ON u.id = a.user_id AND u.is_active
    WHERE a.user_id = holder AND (for_site = '' OR r.site IN (for_site, 'both'))
      AND (hidden IS NULL OR ARRAY(SELECT h FROM unnest(r.hides) AS h WHERE h NOT LIKE 'menu:%') <@ hidden::varchar[])
      AND EXISTS (SELECT FROM unnest(r.permissions) AS one WHERE access_implies(one, atom))
  ) AS held
$$;

-- Whether a person holds a permission at an organisation on a day.
CREATE OR REPLACE FUNCTION access_holds(holder bigint, permission text, at_organisation bigint, on_day date)
RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT access_covered(holder, permission, '', at_organisation, 'own', NULL, daterange(on_day, on_day, '[]')) @> on_day
$$;

-- Whether whoever is signed in looks after the roles at an organisation.
CREATE OR REPLACE FUNCTION access_looks_after(at_organisation bigint, on_day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT access_holds(access_user(), 'access:view', at_organisation, on_day)
$$;

-- Whether a person holds a permission over everything: with the branch of each organisation that stands at the top of the
-- tree; where nothing stands in a tree, anywhere.
CREATE OR REPLACE FUNCTION access_holds_everywhere(holder bigint, permission text, on_day date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  WITH held AS (
    SELECT a.organisation_id
    FROM access_assignment a
    JOIN access_role r ON r.id = a.role_id
    JOIN accounts_user u ON u.id = a.user_id AND u.is_active
    WHERE a.user_id = holder AND a.reach = 'branch'
      AND a.valid_from <= on_day AND (a.valid_to IS NULL OR a.valid_to > on_day)
      AND EXISTS (SELECT FROM unnest(r.permissions) AS one WHERE access_implies(one, permission))
  )
  SELECT EXISTS (SELECT FROM held) AND NOT EXISTS (
    SELECT FROM parties_placement p
    WHERE p.parent_id IS NULL AND p.valid @> on_day AND p.child_id NOT IN (SELECT h.organisation_id FROM held h))
$$;

-- By which right somebody may give a role to somebody: `how` is 'security' or 'delegated'; or why not: `problem` and,
-- for what is missing, `detail`.
CREATE OR REPLACE FUNCTION access_judge(
  giver bigint, to_user bigint, of_role bigint, at_organisation bigint, with_reach text, during daterange,
  OUT how text, OUT problem text, OUT detail text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  today date := access_today();
  of record;
  atom text;
  one_site text;
  covered datemultirange;
  home bigint;
BEGIN
  how := ''; problem := ''; detail := '';
  IF access_same_person(giver, to_user) THEN
    problem := 'oneself';
    RETURN;
  END IF;
  IF access_holds(giver, 'access:assign', at_organisation, today) THEN
    how := 'security';
    RETURN;
  END IF;
  IF NOT access_holds(giver, 'access:grant', at_organisation, today) THEN
    problem := 'may_not';
    RETURN;
  END IF;
  SELECT u.organisation_id INTO home FROM accounts_user u WHERE u.id = to_user;
  IF home IS NULL OR NOT access_holds(giver, 'access:grant', home, today) THEN
    problem := 'person_elsewhere';
    RETURN;
  END IF;
  SELECT r.permissions::text[] AS permissions, r.site::text AS site, r.hides::text[] AS hides
    INTO of FROM access_role r WHERE r.id = of_role;
  FOR atom, one_site IN
    SELECT a.atom, s.site
    FROM access_atoms(of.permissions) AS a(atom)
    CROSS JOIN unnest(CASE of.site WHEN 'both' THEN '{business,office}'::text[] ELSE ARRAY[of.site] END) AS s(site)
    UNION ALL SELECT 'access:grant', ''
    ORDER BY 1, 2
  LOOP
    covered := access_covered(
      giver, atom, one_site, at_organisation, with_reach, CASE WHEN one_site <> '' THEN of.hides END, during);
    CONTINUE WHEN covered @> during;
    detail := atom;
    problem := CASE
      WHEN covered @> lower(during) OR covered && during THEN 'dates'
      WHEN EXISTS (
        SELECT FROM access_assignment a JOIN access_role r ON r.id = a.role_id
        CROSS JOIN unnest(r.permissions) AS one WHERE a.user_id = giver AND access_implies(one, atom)
      ) THEN 'reach' ELSE 'not_held' END;
    IF problem = 'dates' THEN
      detail := atom || ' ' || coalesce((
        SELECT upper(one)::text FROM unnest(covered) AS one WHERE one @> lower(during) LIMIT 1), '');
    END IF;
    RETURN;
  END LOOP;
  how := 'delegated';
END $$;

CREATE OR REPLACE FUNCTION access_refuse(problem text, detail text DEFAULT '') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'refused: %', problem
    USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'access_' || problem, DETAIL = coalesce(detail, '');
END $$;

-- Whoever is signed in; changes of roles come one after the other, so that nobody gives what is being taken from them.
CREATE OR REPLACE FUNCTION access_giver() RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE giver bigint := access_user();
BEGIN
  IF giver IS NULL THEN
    PERFORM access_refuse('stranger');
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('access.giving', 0));
  RETURN giver;
END $$;

-- What a giver would be told, without giving; of whoever is signed in.
CREATE OR REPLACE FUNCTION access_would(
  to_user bigint, of_role bigint, at_organisation bigint, with_reach text, first date, until date
) RETURNS TABLE (how text, problem text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT j.how, j.problem, j.detail
  FROM access_judge(access_user(), to_user, of_role, at_organisation, with_reach, daterange(first, until)) AS j
$$;

-- Give a role. Its number.
CREATE OR REPLACE FUNCTION access_give(
  to_user bigint, of_role bigint, at_organisation bigint, with_reach text, first date, until date, why text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  giver bigint := access_giver();
  judged record;
  given bigint;
BEGIN
  IF first < access_today() THEN
    PERFORM access_refuse('past');
  END IF;
  IF until <= first THEN
    PERFORM access_refuse('order');
  END IF;
  PERFORM FROM access_role r WHERE r.id = of_role FOR SHARE;
  IF NOT FOUND OR NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = to_user AND u.is_active)
     OR NOT EXISTS (SELECT FROM parties_organisation o WHERE o.id = at_organisation)
     OR with_reach NOT IN ('branch', 'own', 'self') THEN
    PERFORM access_refuse('nothing_there');
  END IF;
  SELECT * INTO judged FROM access_judge(
    giver, to_user, of_role, at_organisation, with_reach, daterange(first, until));
  IF judged.problem <> '' THEN
    PERFORM access_refuse(judged.problem, judged.detail);
  END IF;
  IF EXISTS (
    SELECT FROM access_assignment a
    WHERE a.user_id = to_user AND a.role_id = of_role AND a.organisation_id = at_organisation
      AND (a.valid_from = first
           OR (a.reach = with_reach AND daterange(a.valid_from, a.valid_to) && daterange(first, until)))
  ) THEN
    PERFORM access_refuse('held_already');
  END IF;
  INSERT INTO access_assignment
    (user_id, role_id, organisation_id, reach, valid_from, valid_to, given_by_id, given_as, given_at, because)
  VALUES (to_user, of_role, at_organisation, with_reach, first, until, giver, judged.how, access_now(), coalesce(why, ''))
  RETURNING id INTO given;
  PERFORM access_tell('access.given', given, at_organisation, to_user, of_role, jsonb_build_object(
    'reach', with_reach, 'from', first, 'until', until, 'as', judged.how, 'reason', why));
  RETURN given;
END $$;

-- An event about an assignment, with the names that a reader needs.
CREATE OR REPLACE FUNCTION access_tell(
  of_kind text, assignment bigint, at_organisation bigint, of_user bigint, of_role bigint, more jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN -- records come after access: this is looked up when it is called
  PERFORM records_note(of_kind, at_organisation, 'access.assignment:' || assignment,
    jsonb_strip_nulls(jsonb_build_object(
      'user', (SELECT u.username FROM accounts_user u WHERE u.id = of_user),
      'role', (SELECT r.code FROM access_role r WHERE r.id = of_role)) || more),
    NULL, access_now(), NULL, false);
END $$;

-- End an assignment with a day (exclusive, today at the earliest); one that has not begun by then is withdrawn.
CREATE OR REPLACE FUNCTION access_end(of_assignment bigint, until date, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  giver bigint := access_giver();
  a record;
  judged record;
BEGIN
  SELECT * INTO a FROM access_assignment WHERE id = of_assignment FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM access_refuse('nothing_there');
  END IF;
  SELECT * INTO judged FROM access_judge(giver, a.user_id, a.role_id, a.organisation_id, a.reach,
    daterange(access_today(), access_today(), '[]'));
  IF judged.problem <> '' AND (a.given_by_id IS DISTINCT FROM giver OR judged.problem IN ('oneself', 'may_not')) THEN
    PERFORM access_refuse(judged.problem, judged.detail);
  END IF;
  IF until < access_today() THEN
    PERFORM access_refuse('past');
  END IF;
  IF a.valid_to <= until THEN
    PERFORM access_refuse('not_earlier', a.valid_to::text);
  END IF;
  PERFORM access_close(of_assignment, until, jsonb_build_object('reason', why));
END $$;

-- What ending does, for whoever has been judged.
CREATE OR REPLACE FUNCTION access_close(of_assignment bigint, until date, more jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE a record;
BEGIN
  SELECT * INTO a FROM access_assignment WHERE id = of_assignment FOR UPDATE;
  PERFORM access_tell('access.ended', a.id, a.organisation_id, a.user_id, a.role_id,
    jsonb_build_object('until', until, 'was', a.valid_to) || more);
  IF until <= a.valid_from THEN
    UPDATE access_reviewline SET assignment_id = NULL WHERE assignment_id = of_assignment;
    DELETE FROM access_assignment WHERE id = of_assignment;
  ELSE
    UPDATE access_assignment SET valid_to = until WHERE id = of_assignment;
  END IF;
END $$;

-- Make or change a role; `based_on` is the version that was changed, 0 for a new one. Its number. Who changes a role
-- that they hold themselves, now or later, may take from it and not add to it.
CREATE OR REPLACE FUNCTION access_save_role(
  of_role bigint, based_on integer, new_code text, zh text, en text, new_site text, granted text[], hidden text[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  giver bigint := access_giver();
  today date := access_today();
  old record;
  saved bigint := of_role;
BEGIN
  IF NOT access_holds_everywhere(giver, 'access:configure', today) THEN
    PERFORM access_refuse('may_not_configure');
  END IF;
  IF of_role IS NULL THEN
    INSERT INTO access_role (code, name_zh, name_en, site, permissions, hides)
    VALUES (new_code, zh, en, new_site, granted, hidden) RETURNING id INTO saved;
    PERFORM records_note('access.role-made', NULL, 'access.role:' || saved,
      jsonb_build_object('role', new_code, 'site', new_site, 'permissions', granted, 'hides', hidden),
      NULL, access_now(), NULL, false);
    RETURN saved;
  END IF;
  SELECT * INTO old FROM access_role WHERE id = of_role FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM access_refuse('nothing_there');
  END IF;
  IF old.version <> based_on THEN
    PERFORM access_refuse('changed_meanwhile');
  END IF;
  IF EXISTS (
    SELECT FROM access_assignment a
    WHERE a.role_id = of_role AND (a.valid_to IS NULL OR a.valid_to > today) AND access_same_person(a.user_id, giver)
  ) AND (
    EXISTS (SELECT FROM access_atoms(granted) AS atom
            WHERE NOT EXISTS (SELECT FROM unnest(old.permissions) AS one WHERE access_implies(one, atom)))
    OR EXISTS (SELECT FROM unnest(old.hides) AS h WHERE h NOT LIKE 'menu:%' AND NOT h = ANY (hidden))
    OR NOT new_site IN (old.site, CASE old.site WHEN 'both' THEN new_site ELSE old.site END)
  ) THEN
    PERFORM access_refuse('own_role');
  END IF;
  UPDATE access_role SET name_zh = zh, name_en = en, site = new_site, permissions = granted, hides = hidden,
    version = version + 1 WHERE id = of_role;
  PERFORM records_note('access.role-changed', NULL, 'access.role:' || of_role, jsonb_build_object(
    'role', old.code,
    'added', ARRAY(SELECT access_atoms(granted) EXCEPT SELECT access_atoms(old.permissions::text[]) ORDER BY 1),
    'removed', ARRAY(SELECT access_atoms(old.permissions::text[]) EXCEPT SELECT access_atoms(granted) ORDER BY 1),
    'hidden', ARRAY(SELECT unnest(hidden) EXCEPT SELECT unnest(old.hides)::text ORDER BY 1),
    'shown', ARRAY(SELECT unnest(old.hides)::text EXCEPT SELECT unnest(hidden) ORDER BY 1)),
    NULL, access_now(), NULL, false);
  RETURN of_role;
END $$;

-- How the menu looks to the holders of a role. No right depends on it.
CREATE OR REPLACE FUNCTION access_save_menu(of_role bigint, based_on integer, new_menu jsonb, hidden text[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  giver bigint := access_giver();
  old record;
BEGIN
  IF NOT access_holds_everywhere(giver, 'access:configure', access_today()) THEN
    PERFORM access_refuse('may_not_configure');
  END IF;
  SELECT * INTO old FROM access_role WHERE id = of_role FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM access_refuse('nothing_there');
  END IF;
  IF old.version <> based_on THEN
    PERFORM access_refuse('changed_meanwhile');
  END IF;
  UPDATE access_role SET menu = new_menu, version = version + 1,
    hides = ARRAY(SELECT h FROM unnest(old.hides) AS h WHERE h NOT LIKE 'menu:%')
         || ARRAY(SELECT h FROM unnest(hidden) AS h WHERE h LIKE 'menu:%' ORDER BY 1)::varchar[]
    WHERE id = of_role;
  PERFORM records_note('access.menu-changed', NULL, 'access.role:' || of_role,
    jsonb_build_object('role', old.code, 'menu', new_menu, 'hidden', hidden), NULL, access_now(), NULL, false);
END $$;

-- Remove a role that nobody ever held.
CREATE OR REPLACE FUNCTION access_remove_role(of_role bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  giver bigint := access_giver();
  old record;
BEGIN
  IF NOT access_holds_everywhere(giver, 'access:configure', access_today()) THEN
    PERFORM access_refuse('may_not_configure');
  END IF;
  SELECT * INTO old FROM access_role WHERE id = of_role FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM access_refuse('nothing_there');
  END IF;
  IF EXISTS (SELECT FROM access_assignment a WHERE a.role_id = of_role)
     OR EXISTS (SELECT FROM access_reviewline l WHERE of_role IN (l.role_id, l.new_role_id)) THEN
    PERFORM access_refuse('role_was_held');
  END IF;
  DELETE FROM access_role WHERE id = of_role;
  PERFORM records_note('access.role-removed', NULL, 'access.role:' || of_role, jsonb_build_object('role', old.code),
    NULL, access_now(), NULL, false);
END $$;

-- Policies call what they are made of with the caller's rights; what tells of others is called by the functions above.
GRANT EXECUTE ON FUNCTION
  access_today(), access_now(), access_implies(text, text), access_atoms(text[]), access_powers(text[]),
  access_looks_after(bigint, date),
  access_would(bigint, bigint, bigint, text, date, date),
  access_give(bigint, bigint, bigint, text, date, date, text), access_end(bigint, date, text),
  access_save_role(bigint, integer, text, text, text, text, text[], text[]),
  access_save_menu(bigint, integer, jsonb, text[]), access_remove_role(bigint)
  TO gangmu_web, gangmu_system;

-- Roles of before this file was there do not say yet of which power they are.
UPDATE access_role SET version = version
WHERE power <> coalesce((access_powers(permissions::text[]))[1], '') AND cardinality(access_powers(permissions::text[])) < 2;
