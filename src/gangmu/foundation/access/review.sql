-- The quarterly review of who holds what. Installed after delegation.sql; idempotent.

-- The part of a review to which an organisation belongs: the branch directly below the top in which it stands today (one
-- that has closed: stood last), or itself at the top.
CREATE OR REPLACE FUNCTION access_review_branch(of_organisation bigint, on_day date) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  WITH standing AS (
    SELECT CASE WHEN bool_or(m.valid @> on_day) THEN on_day ELSE (max(upper(m.valid)) - 1)::date END AS day
    FROM parties_membership m WHERE m.organisation_id = of_organisation AND m.depth = 0
  ), line AS (
    SELECT m.ancestor_id, m.depth, max(m.depth) OVER () AS height
    FROM parties_membership m JOIN standing s ON m.valid @> s.day WHERE m.organisation_id = of_organisation
  )
  SELECT coalesce((SELECT l.ancestor_id FROM line l WHERE l.depth = greatest(l.height - 1, 0)), of_organisation)
$$;

-- What a reviewer should know of an assignment.
CREATE OR REPLACE FUNCTION access_review_marks(of_assignment bigint, on_day date) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT ARRAY(
    SELECT mark FROM (VALUES
      ('shrunk', a.given_as = 'delegated' AND (
        SELECT j.problem FROM access_judge(a.given_by_id, a.user_id, a.role_id, a.organisation_id, a.reach,
          daterange(greatest(a.valid_from, on_day), a.valid_to)) AS j) <> ''),
      ('closed', NOT u.is_active),
      ('dormant', u.is_active AND coalesce(u.last_login, u.created_at) < access_now() - interval '90 days'),
      ('power', r.power <> ''),
      ('endless', a.valid_to IS NULL)
    ) AS known(mark, holds) WHERE holds)
  FROM access_assignment a JOIN access_role r ON r.id = a.role_id JOIN accounts_user u ON u.id = a.user_id
  WHERE a.id = of_assignment
$$;

-- Open the review of a quarter, with a line for every assignment in force now or later. To the web role only by who may
-- give any role everywhere. Its number; that of the one already open when there is one.
CREATE OR REPLACE FUNCTION access_open_review(of_quarter text, due_on date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  today date := access_today();
  opener bigint;
  opened bigint;
  branch bigint;
BEGIN
  IF access_is_web() THEN
    opener := access_giver();
    IF NOT access_holds_everywhere(opener, 'access:assign', today) THEN
      PERFORM access_refuse('may_not_open');
    END IF;
  ELSE
    PERFORM pg_advisory_xact_lock(hashtextextended('access.giving', 0));
  END IF;
  SELECT id INTO opened FROM access_review WHERE quarter = of_quarter;
  IF FOUND THEN
    RETURN opened;
  END IF;
  IF of_quarter !~ '^[0-9]{4}-Q[1-4]$' OR due_on < today THEN
    PERFORM access_refuse('past');
  END IF;
  INSERT INTO access_review (quarter, due, opened_at, opened_by_id)
  VALUES (of_quarter, due_on, access_now(), opener) RETURNING id INTO opened;
  INSERT INTO access_reviewpart (review_id, organisation_id)
  SELECT DISTINCT opened, access_review_branch(o.id, today)
  FROM (SELECT DISTINCT a.organisation_id AS id FROM access_assignment a
        WHERE a.valid_to IS NULL OR a.valid_to > today) AS o;
  INSERT INTO access_reviewline (part_id, organisation_id, assignment_id, user_id, role_id, reach, valid_from, valid_to, marks)
  SELECT p.id, a.organisation_id, a.id, a.user_id, a.role_id, a.reach, a.valid_from, a.valid_to,
         access_review_marks(a.id, today)
  FROM access_assignment a
  JOIN access_reviewpart p ON p.review_id = opened AND p.organisation_id = access_review_branch(a.organisation_id, today)
  WHERE a.valid_to IS NULL OR a.valid_to > today;
  PERFORM records_note('access.review-opened', NULL, 'access.review:' || opened,
    jsonb_build_object('quarter', of_quarter, 'due', due_on), NULL, access_now(), NULL, false);
  RETURN opened;
END $$;

-- Decide about one line: keep, end on a day (exclusive), change, or take a decision back (''). Nobody about their own.
CREATE OR REPLACE FUNCTION access_decide(
  of_line bigint, decided text, end_day date, other_role bigint, other_reach text, said text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  reviewer bigint := access_giver();
  today date := access_today();
  l record;
  judged record;
BEGIN
  SELECT line.*, p.signed_at, p.organisation_id AS branch_id INTO l
    FROM access_reviewline line JOIN access_reviewpart p ON p.id = line.part_id WHERE line.id = of_line FOR UPDATE;
  IF NOT FOUND OR NOT access_holds(reviewer, 'access:review', l.branch_id, today) THEN
    PERFORM access_refuse('may_not_review');
  END IF;
  IF l.signed_at IS NOT NULL THEN
    PERFORM access_refuse('signed');
  END IF;
  IF access_same_person(reviewer, l.user_id) THEN
    PERFORM access_refuse('own_line');
  END IF;
  IF decided NOT IN ('', 'keep', 'end', 'change') OR (decided = 'end' AND end_day IS NULL)
     OR (decided = 'change' AND other_role IS NULL AND coalesce(other_reach, '') = '') THEN
    PERFORM access_refuse('incomplete');
  END IF;
  IF decided = 'end' AND end_day < today THEN
    PERFORM access_refuse('past');
  END IF;
  IF decided = 'end' AND l.valid_to <= end_day THEN
    PERFORM access_refuse('not_earlier', l.valid_to::text);
  END IF;
  IF decided = 'change' THEN
    SELECT * INTO judged FROM access_judge(reviewer, l.user_id, coalesce(other_role, l.role_id), l.organisation_id,
      coalesce(nullif(other_reach, ''), l.reach), daterange(today, l.valid_to));
    IF judged.problem <> '' THEN
      PERFORM access_refuse(judged.problem, judged.detail);
    END IF;
  END IF;
  UPDATE access_reviewline SET
    decision = decided,
    end_on = CASE WHEN decided = 'end' THEN end_day END,
    new_role_id = CASE WHEN decided = 'change' THEN other_role END,
    new_reach = CASE WHEN decided = 'change' THEN coalesce(other_reach, '') ELSE '' END,
    words = coalesce(said, ''),
    decided_by_id = CASE WHEN decided <> '' THEN reviewer END,
    decided_at = CASE WHEN decided <> '' THEN access_now() END
  WHERE id = of_line;
END $$;

-- What is signed: every line with its decision, in one text, as SHA-256.
CREATE OR REPLACE FUNCTION access_review_digest(of_part bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws('|', l.id, l.user_id, l.role_id, l.organisation_id,
    l.reach, l.valid_from, coalesce(l.valid_to::text, '-'), l.decision, coalesce(l.end_on::text, '-'),
    coalesce(l.new_role_id::text, '-'), l.new_reach, l.words, coalesce(l.decided_by_id::text, '-')), E'\n' ORDER BY l.id), ''),
    'UTF8')), 'hex')
  FROM access_reviewline l WHERE l.part_id = of_part
$$;

-- Sign a branch: every line is decided, and what was seen is what stands. What was decided is done.
CREATE OR REPLACE FUNCTION access_sign(of_part bigint, seen text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  reviewer bigint := access_giver();
  today date := access_today();
  p record;
  l record;
  judged record;
  open_lines bigint;
  given bigint;
BEGIN
  SELECT part.*, r.quarter INTO p FROM access_reviewpart part JOIN access_review r ON r.id = part.review_id
    WHERE part.id = of_part FOR UPDATE OF part;
  IF NOT FOUND OR NOT access_holds(reviewer, 'access:review', p.organisation_id, today) THEN
    PERFORM access_refuse('may_not_review');
  END IF;
  IF p.signed_at IS NOT NULL THEN
    PERFORM access_refuse('signed');
  END IF;
  SELECT count(*) INTO open_lines FROM access_reviewline WHERE part_id = of_part AND decision = '';
  IF open_lines > 0 THEN
    PERFORM access_refuse('undecided', open_lines::text);
  END IF;
  IF access_review_digest(of_part) <> seen THEN
    PERFORM access_refuse('changed_meanwhile');
  END IF;
  UPDATE access_reviewpart SET signed_at = access_now(), signed_by_id = reviewer, digest = seen,
    signed_by_name = (SELECT u.name FROM accounts_user u WHERE u.id = reviewer) WHERE id = of_part;
  FOR l IN
    SELECT line.*, a.valid_to AS stands_to FROM access_reviewline line JOIN access_assignment a ON a.id = line.assignment_id
    WHERE line.part_id = of_part AND line.decision IN ('end', 'change') ORDER BY line.id
  LOOP
    IF l.decision = 'end' THEN
      CONTINUE WHEN l.stands_to <= greatest(l.end_on, today);
      PERFORM access_close(l.assignment_id, greatest(l.end_on, today), jsonb_build_object('review', p.quarter));
    ELSE
      CONTINUE WHEN l.stands_to <= today;
      SELECT * INTO judged FROM access_judge(reviewer, l.user_id, coalesce(l.new_role_id, l.role_id), l.organisation_id,
        coalesce(nullif(l.new_reach, ''), l.reach), daterange(today, l.stands_to));
      IF judged.problem <> '' THEN
        PERFORM access_refuse(judged.problem, judged.detail);
      END IF;
      IF EXISTS (
        SELECT FROM access_assignment a
        WHERE a.user_id = l.user_id AND a.role_id = coalesce(l.new_role_id, l.role_id) AND a.id <> l.assignment_id
          AND a.organisation_id = l.organisation_id AND a.valid_from = today
      ) THEN
        PERFORM access_refuse('held_already');
      END IF;
      PERFORM access_close(l.assignment_id, today, jsonb_build_object('review', p.quarter));
      INSERT INTO access_assignment
        (user_id, role_id, organisation_id, reach, valid_from, valid_to, given_by_id, given_as, given_at, because)
      VALUES (l.user_id, coalesce(l.new_role_id, l.role_id), l.organisation_id, coalesce(nullif(l.new_reach, ''), l.reach),
              today, l.stands_to, reviewer, judged.how, access_now(), p.quarter) RETURNING id INTO given;
      PERFORM access_tell('access.given', given, l.organisation_id, l.user_id, coalesce(l.new_role_id, l.role_id),
        jsonb_build_object('review', p.quarter, 'from', today, 'until', l.stands_to, 'as', judged.how));
    END IF;
  END LOOP;
  PERFORM records_note('access.review-signed', p.organisation_id, 'access.reviewpart:' || of_part, (
    SELECT jsonb_build_object('quarter', p.quarter, 'digest', seen, 'lines', count(*),
      'kept', count(*) FILTER (WHERE decision = 'keep'), 'ended', count(*) FILTER (WHERE decision = 'end'),
      'changed', count(*) FILTER (WHERE decision = 'change'))
    FROM access_reviewline WHERE part_id = of_part), NULL, access_now(), NULL, false);
END $$;

-- What is signed stays as it was signed, whoever writes.
CREATE OR REPLACE FUNCTION access_keep_signed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'access_reviewpart' THEN
    IF OLD.signed_at IS NOT NULL THEN
      RAISE EXCEPTION 'a signed review does not change' USING ERRCODE = 'check_violation';
    END IF;
  ELSIF EXISTS (SELECT FROM access_reviewpart p WHERE p.id = OLD.part_id AND p.signed_at IS NOT NULL)
     AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - 'assignment_id' <> to_jsonb(OLD) - 'assignment_id') THEN
    RAISE EXCEPTION 'a signed review does not change' USING ERRCODE = 'check_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER keep_signed BEFORE UPDATE OR DELETE ON access_reviewpart
  FOR EACH ROW EXECUTE FUNCTION access_keep_signed();
CREATE OR REPLACE TRIGGER keep_signed BEFORE UPDATE OR DELETE ON access_reviewline
  FOR EACH ROW EXECUTE FUNCTION access_keep_signed();

GRANT EXECUTE ON FUNCTION access_open_review(text, date), access_sign(bigint, text),
  access_review_digest(bigint), access_decide(bigint, text, date, bigint, text, text) TO gangmu_web, gangmu_system;
