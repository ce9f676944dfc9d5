-- How organisations are changed. The web role writes no placement, no value and no organisation by itself: it hands over
-- what is to become of which rows, and is asked for the rights of whoever has signed in, row by row. Installed after every
-- migration; idempotent.

-- Where whoever has signed in may do an action of this room today: the organisations at and below which they hold a role
-- of the back office that permits it. To anybody but the web role: NULL, which is everywhere.
CREATE OR REPLACE FUNCTION parties_permitted(wanted text) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  today date := access_today();
BEGIN
  IF NOT access_is_web() THEN
    RETURN NULL;
  END IF;
  RETURN ARRAY(
    SELECT DISTINCT below.id
    FROM access_assignments(access_user(), today, 'office') a
    CROSS JOIN LATERAL (
      SELECT b.organisation_id AS id FROM access_branch(a.organisation_id, today) b WHERE a.reach = 'branch' AND b.present
      UNION ALL SELECT a.organisation_id WHERE a.reach IN ('branch', 'own')) below
    WHERE EXISTS (SELECT FROM unnest(a.permissions) AS granted WHERE access_implies(granted, 'parties:' || wanted)));
END $$;

-- A number for an organisation that is about to be opened by somebody who may change the structure anywhere.
CREATE OR REPLACE FUNCTION parties_new_id() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF parties_permitted('structure') = '{}' THEN
    RAISE EXCEPTION 'organisations are not yours to open' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN nextval('parties_organisation_id_seq');
END $$;

-- Whether all that a change names is the asker's. `structure` reaches names and placements, the rows that stand and those
-- that are to be: who is placed, and under whom. At the top places who may change the structure of one that stands there.
-- `parameters` reaches values; who changes the structure may end them, and put back those that the organisation had.
CREATE OR REPLACE FUNCTION parties_require_rights(of jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  today date := access_today();
  structure bigint[] := parties_permitted('structure');
  parameters bigint[] := parties_permitted('parameters');
  opened bigint[] := ARRAY(SELECT (m ->> 'id')::bigint FROM jsonb_array_elements(of -> 'made') m);
  top boolean := EXISTS (
    SELECT FROM parties_placement p WHERE p.child_id = ANY (structure) AND p.parent_id IS NULL AND p.valid @> today);
  stranger bigint;
BEGIN
  IF structure IS NULL THEN
    RETURN;
  END IF;
  -- who opens an organisation below one where they may set parameters may set those of the new one
  parameters := parameters || ARRAY(
    SELECT (m ->> 'child')::bigint FROM jsonb_array_elements(of -> 'placements' -> 'made') m
    WHERE (m ->> 'child')::bigint = ANY (opened) AND (m ->> 'parent')::bigint = ANY (parameters));
  WITH placed AS (
    SELECT p.child_id AS child, p.parent_id AS parent FROM parties_placement p
    WHERE p.id IN (
      SELECT g::bigint FROM jsonb_array_elements_text(of -> 'placements' -> 'gone') g
      UNION ALL SELECT (c ->> 'id')::bigint FROM jsonb_array_elements(of -> 'placements' -> 'changed') c)
    UNION ALL
    SELECT (m ->> 'child')::bigint, (m ->> 'parent')::bigint FROM jsonb_array_elements(of -> 'placements' -> 'made') m
  ), valued AS (
    SELECT v.organisation_id AS owner, NULL::text AS name, NULL::text AS value FROM parties_attributevalue v
    WHERE v.id IN (
      SELECT g::bigint FROM jsonb_array_elements_text(of -> 'attributes' -> 'gone') g
      UNION ALL SELECT (c ->> 'id')::bigint FROM jsonb_array_elements(of -> 'attributes' -> 'changed') c)
    UNION ALL
    SELECT (m ->> 'organisation')::bigint, m ->> 'name', m ->> 'value'
    FROM jsonb_array_elements(of -> 'attributes' -> 'made') m
  ), needed AS (
    SELECT child AS id FROM placed WHERE NOT child = ANY (structure || opened)
    UNION ALL SELECT coalesce(parent, 0) FROM placed
      WHERE CASE WHEN parent IS NULL THEN NOT top ELSE NOT parent = ANY (structure || opened) END
    UNION ALL SELECT (n ->> 'id')::bigint FROM jsonb_array_elements(of -> 'named') n
      WHERE NOT (n ->> 'id')::bigint = ANY (structure)
    UNION ALL SELECT u::bigint FROM jsonb_array_elements_text(of -> 'unmade') u WHERE NOT u::bigint = ANY (structure)
    UNION ALL SELECT s::bigint FROM jsonb_array_elements(of -> 'successors') pair, jsonb_array_elements_text(pair) s
      WHERE NOT s::bigint = ANY (structure || opened)
    UNION ALL SELECT (of ->> 'place')::bigint WHERE NOT (of ->> 'place')::bigint = ANY (structure || parameters || opened)
    UNION ALL SELECT c.organisation_id FROM parties_change c
      WHERE c.id = (of ->> 'withdraws')::bigint AND NOT c.organisation_id = ANY (structure || parameters)
    UNION ALL SELECT v.owner FROM valued v
      WHERE NOT v.owner = ANY (parameters) AND NOT (
        of ->> 'verb' <> 'parameters' AND v.owner = ANY (structure) AND (v.name IS NULL OR EXISTS (
          SELECT FROM parties_attributevalue had
          WHERE (had.organisation_id, had.name, had.value) = (v.owner, v.name, v.value))))
  )
  SELECT id INTO stranger FROM needed LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a change reaches an organisation that is not yours to change'
      USING ERRCODE = 'insufficient_privilege', DETAIL = stranger::text;
  END IF;
  IF coalesce(btrim(of ->> 'reason'), '') = '' THEN
    RAISE EXCEPTION 'a change says why' USING ERRCODE = 'check_violation';
  END IF;
END $$;

-- Organisations that were opened for a day that has not come go with the plan, as long as nothing refers to them.
CREATE OR REPLACE FUNCTION parties_require_unreferred(gone bigint[]) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  reference record;
  referred boolean;
BEGIN
  FOR reference IN
    SELECT c.conrelid::regclass AS held_in, a.attname AS by_column
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'public.parties_organisation'::regclass AND cardinality(c.conkey) = 1
      AND c.conrelid <> 'public.parties_change'::regclass
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I = ANY ($1))', reference.held_in, reference.by_column)
      INTO referred USING gone;
    IF referred THEN
      RAISE EXCEPTION 'rows of % refer to an organisation that would be gone', reference.held_in
        USING ERRCODE = 'foreign_key_violation';
    END IF;
  END LOOP;
END $$;

-- Make a change: the rows it names, the record of it, and the event in the sealed chain, or nothing. Its number.
CREATE OR REPLACE FUNCTION parties_apply(of jsonb, address inet) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  at timestamptz := access_now();
  who bigint := nullif(nullif(current_setting('gangmu.user_id', true), '')::bigint, 0);
  who_name text := coalesce((SELECT u.name FROM accounts_user u WHERE u.id = who), '');
  opened bigint[] := ARRAY(SELECT (m ->> 'id')::bigint FROM jsonb_array_elements(of -> 'made') m);
  unmade bigint[] := ARRAY(SELECT u::bigint FROM jsonb_array_elements_text(of -> 'unmade') u);
  expected integer;
  found_rows integer;
  n integer;
  number bigint := (of ->> 'withdraws')::bigint;
  place bigint := (of ->> 'place')::bigint;
  told jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('parties.placement', 0));
  PERFORM parties_require_rights(of);

  INSERT INTO parties_organisation (id, code, kind, name_zh, name_en, sort_key, created_at, changed_at)
    SELECT m.id, m.code, m.kind, m.name_zh, m.name_en, m.sort_key, at, at
    FROM jsonb_to_recordset(of -> 'made')
      AS m (id bigint, code text, kind text, name_zh text, name_en text, sort_key text);
  UPDATE parties_organisation o SET name_zh = n.name_zh, name_en = n.name_en, sort_key = n.sort_key, changed_at = at
    FROM jsonb_to_recordset(of -> 'named') AS n (id bigint, name_zh text, name_en text, sort_key text)
    WHERE o.id = n.id;

  -- values first: none outlives its placement, even for a moment
  DELETE FROM parties_attributevalue WHERE id IN (SELECT g::bigint FROM jsonb_array_elements_text(of -> 'attributes' -> 'gone') g);
  GET DIAGNOSTICS found_rows = ROW_COUNT;
  expected := jsonb_array_length(of -> 'attributes' -> 'gone');
  UPDATE parties_attributevalue v SET valid = c.valid
    FROM jsonb_to_recordset(of -> 'attributes' -> 'changed') AS c (id bigint, valid daterange) WHERE v.id = c.id;
  GET DIAGNOSTICS n = ROW_COUNT;
  found_rows := found_rows + n;
  expected := expected + jsonb_array_length(of -> 'attributes' -> 'changed');

  DELETE FROM parties_placement WHERE id IN (SELECT g::bigint FROM jsonb_array_elements_text(of -> 'placements' -> 'gone') g);
  GET DIAGNOSTICS n = ROW_COUNT;
  found_rows := found_rows + n;
  expected := expected + jsonb_array_length(of -> 'placements' -> 'gone');
  UPDATE parties_placement p SET valid = c.valid
    FROM jsonb_to_recordset(of -> 'placements' -> 'changed') AS c (id bigint, valid daterange) WHERE p.id = c.id;
  GET DIAGNOSTICS n = ROW_COUNT;
  found_rows := found_rows + n;
  expected := expected + jsonb_array_length(of -> 'placements' -> 'changed');
  IF found_rows <> expected THEN
    RAISE EXCEPTION 'a row of the tree is not any more what it was' USING ERRCODE = 'serialization_failure';
  END IF;
  INSERT INTO parties_placement (child_id, parent_id, valid)
    SELECT m.child, m.parent, m.valid
    FROM jsonb_to_recordset(of -> 'placements' -> 'made') AS m (child bigint, parent bigint, valid daterange);
  INSERT INTO parties_attributevalue (organisation_id, name, value, number, valid, continued)
    SELECT m.organisation, m.name, m.value, m.number, m.valid, coalesce(m.continued, false)
    FROM jsonb_to_recordset(of -> 'attributes' -> 'made')
      AS m (organisation bigint, name text, value text, number numeric, valid daterange, continued boolean);

  told := jsonb_build_object('verb', of ->> 'verb', 'from', of ->> 'from_date', 'reason', of ->> 'reason') || (of -> 'details');
  IF number IS NOT NULL THEN
    DELETE FROM parties_succession s WHERE s.change_id = number;
    UPDATE parties_change c
      SET withdrawn_at = at, withdrawn_by_id = who, withdrawn_by_name = who_name, withdrawn_because = of ->> 'reason'
      WHERE c.id = number AND c.withdrawn_at IS NULL
      RETURNING c.organisation_id INTO place;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the change has been withdrawn' USING ERRCODE = 'serialization_failure';
    END IF;
    PERFORM parties_require_unreferred(unmade);
    UPDATE parties_change c SET organisation_id = place WHERE c.organisation_id = ANY (unmade); -- withdrawn ones, about it
    DELETE FROM parties_organisation o
      WHERE o.id = ANY (unmade) AND o.id <> place;
    PERFORM records_note('parties.change-withdrawn', place, 'parties.change:' || number, told, address, at, NULL, false);
    RETURN number;
  END IF;
  INSERT INTO parties_change (organisation_id, verb, from_date, reason, subjects, opened, before, after, details, made_at,
                              made_by_id, made_by_name, withdrawn_by_name, withdrawn_because)
    VALUES (place, of ->> 'verb', (of ->> 'from_date')::date, coalesce(of ->> 'reason', ''),
            ARRAY(SELECT s::bigint FROM jsonb_array_elements_text(of -> 'subjects') s), opened, of -> 'before', of -> 'after',
            of -> 'details', at, who, who_name, '', '')
    RETURNING id INTO number;
  INSERT INTO parties_succession (organisation_id, successor_id, from_date, change_id)
    SELECT (pair ->> 0)::bigint, (pair ->> 1)::bigint, (of ->> 'from_date')::date, number
    FROM jsonb_array_elements(of -> 'successors') pair;
  PERFORM records_note('parties.' || (of ->> 'verb'), place, 'parties.change:' || number, told, address, at, NULL, false);
  RETURN number;
END $$;

GRANT EXECUTE ON FUNCTION parties_permitted(text), parties_new_id(),
  parties_apply(jsonb, inet) TO gangmu_web, gangmu_system;
