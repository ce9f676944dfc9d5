-- What approvals need of accounts, roles and the tree that the web role may not read by itself; and what the database
-- itself refuses of cases, places and decisions. Installed after every migration; idempotent.

-- The line of each organisation upward, itself first, as of a day; of one that has closed, as of its last day. To the web
-- role, of organisations alone whose approvals whoever is signed in may view: they learn who stands above these.
CREATE OR REPLACE FUNCTION approvals_lines(of_organisations bigint[], on_day date)
RETURNS TABLE (organisation_id bigint, above_id bigint, depth smallint, kind text, name_zh text, name_en text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH wanted AS (
      SELECT DISTINCT one AS id FROM unnest(of_organisations) AS one
      WHERE CASE WHEN access_is_web() THEN get_bit((SELECT access_bits('view_approvals')), one) = 1 ELSE true END
    ), days AS (
      SELECT w.id, (SELECT CASE WHEN bool_or(m.valid @> on_day) THEN on_day
                                ELSE max(upper(m.valid)) FILTER (WHERE upper(m.valid) <= on_day) - 1 END
                    FROM parties_membership m WHERE m.organisation_id = w.id AND m.depth = 0) AS day
      FROM wanted w
    )
    SELECT d.id, coalesce(m.ancestor_id, d.id), coalesce(m.depth, 0::smallint), o.kind::text, o.name_zh::text, o.name_en::text
    FROM days d
    LEFT JOIN parties_membership m ON m.organisation_id = d.id AND m.valid @> d.day
    JOIN parties_organisation o ON o.id = coalesce(m.ancestor_id, d.id)
    ORDER BY 1, 3;
END $$;

-- Whom to ask and whom to call: people who hold a part in approvals of these organisations on a day, by a role there or
-- above that reaches down; and without a role (`role` empty) whoever asked for what is under approval there.
CREATE OR REPLACE FUNCTION approvals_people(of_organisations bigint[], on_day date)
RETURNS TABLE (
  user_id bigint, name text, username text, phone text, contact_id bigint, works_zh text, works_en text,
  at_id bigint, branch boolean, role text, permissions text[], stand_in_id bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH line AS MATERIALIZED (
      SELECT above_id, bool_or(depth = 0) AS itself FROM approvals_lines(of_organisations, on_day) GROUP BY above_id
    ), held AS (
      SELECT a.user_id, a.organisation_id, a.reach = 'branch' AS branch, r.code, r.permissions
      FROM line l
      JOIN access_assignment a ON a.organisation_id = l.above_id
      JOIN access_role r ON r.id = a.role_id
      WHERE a.valid_from <= on_day AND (a.valid_to IS NULL OR a.valid_to > on_day)
        AND (a.reach = 'branch' OR (a.reach = 'own' AND l.itself))
        AND EXISTS (SELECT FROM unnest(r.permissions) AS granted WHERE granted ~ '^(approvals|\*)(:|$)')
      UNION ALL
      SELECT DISTINCT asker, NULL::bigint, false, '', '{}'::varchar[]
      FROM line l
      JOIN approvals_case c ON c.organisation_id = l.above_id AND c.state IN ('open', 'issued', 'returned')
      CROSS JOIN unnest(c.askers) AS asker
      WHERE l.itself
    )
    SELECT u.id, u.name::text, u.username::text, u.phone::text, u.contact_id, o.name_zh::text, o.name_en::text,
           h.organisation_id, h.branch, h.code::text, h.permissions::text[], v.stand_in_id
    FROM held h
    JOIN accounts_user u ON u.id = h.user_id AND u.is_active
    LEFT JOIN parties_organisation o ON o.id = u.organisation_id
    LEFT JOIN approvals_leave v ON v.user_id = u.id AND v.valid @> on_day;
END $$;

-- Who holds posts in the lines of these organisations, by account.
CREATE OR REPLACE FUNCTION approvals_posts(of_organisations bigint[], on_day date)
RETURNS TABLE (at_id bigint, post text, user_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT p.organisation_id, p.code::text, u.id
    FROM (SELECT DISTINCT above_id FROM approvals_lines(of_organisations, on_day)) l
    JOIN parties_post p ON p.organisation_id = l.above_id AND p.valid @> on_day
    JOIN parties_appointment a ON a.post_id = p.id AND a.valid @> on_day
    JOIN accounts_user u ON u.contact_id = a.contact_id AND u.is_active
    ORDER BY 1, 2, a.role = 'primary' DESC, u.id;
END $$;

-- For whom somebody acts on a day: themselves, and everybody who is away and whose stand-in they are, at the end of
-- however many who are away themselves; with the organisations at which those hold roles. To the web role, of whoever
-- is signed in alone.
CREATE OR REPLACE FUNCTION approvals_hats(of_user bigint, on_day date)
RETURNS TABLE (user_id bigint, at_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM access_require_oneself(of_user);
  RETURN QUERY
    WITH RECURSIVE hats (id) AS (
      SELECT of_user
      UNION
      SELECT v.user_id FROM hats h JOIN approvals_leave v ON v.stand_in_id = h.id AND v.valid @> on_day
    )
    SELECT DISTINCT h.id, a.organisation_id
    FROM hats h
    JOIN accounts_user u ON u.id = h.id AND u.is_active
    LEFT JOIN access_assignment a ON a.user_id = h.id AND a.valid_from <= on_day
      AND (a.valid_to IS NULL OR a.valid_to > on_day);
END $$;

GRANT EXECUTE ON FUNCTION
  approvals_lines(bigint[], date), approvals_people(bigint[], date), approvals_posts(bigint[], date),
  approvals_hats(bigint, date)
  TO gangmu_web, gangmu_system;

-- The first lock: what the database refuses, whoever writes.

CREATE OR REPLACE FUNCTION approvals_same_person(one bigint, others bigint[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT one = ANY (others) OR EXISTS (
    SELECT FROM accounts_user mine JOIN accounts_user theirs ON theirs.contact_id = mine.contact_id
    WHERE mine.id = one AND theirs.id = ANY (others))
$$;

CREATE OR REPLACE FUNCTION approvals_check_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  c approvals_case;
  p approvals_place;
  holder bigint := coalesce(NEW.on_behalf_of_id, NEW.decided_by_id);
  today date := (NEW.decided_at AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
  IF access_is_web() AND NEW.decided_by_id IS DISTINCT FROM access_user() THEN
    RAISE EXCEPTION 'a decision in the name of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT * INTO c FROM approvals_case WHERE id = NEW.case_id;
  IF c.organisation_id IS DISTINCT FROM NEW.organisation_id OR c.round IS DISTINCT FROM NEW.round THEN
    RAISE EXCEPTION 'a decision of another organisation or round than its case' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.on_behalf_of_id IS NOT NULL AND NOT EXISTS (
    WITH RECURSIVE acting (id) AS (
      SELECT NEW.on_behalf_of_id
      UNION
      SELECT v.stand_in_id FROM acting a JOIN approvals_leave v ON v.user_id = a.id AND v.valid @> today
    ) SELECT FROM acting WHERE id = NEW.decided_by_id
  ) THEN
    RAISE EXCEPTION 'a decision on behalf of somebody whose stand-in they are not' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.action IN ('withdraw', 'submit', 'issue') AND NOT (holder = ANY (c.askers)) THEN
    RAISE EXCEPTION 'submitted or withdrawn by somebody who did not ask' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.action NOT IN ('approve', 'acknowledge', 'return', 'delegate', 'add', 'countersign', 'consult') THEN
    RETURN NEW;
  END IF;
  IF c.state NOT IN ('open', 'issued') THEN
    RAISE EXCEPTION 'a decision on a case that waits for nobody' USING ERRCODE = 'check_violation';
  END IF;
  IF approvals_same_person(NEW.decided_by_id, c.askers) OR approvals_same_person(holder, c.askers) THEN
    RAISE EXCEPTION 'nobody approves their own' USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_approves_their_own';
  END IF;
  IF NEW.action IN ('approve', 'acknowledge') AND NEW.content_hash <> c.content_hash THEN
    RAISE EXCEPTION 'an approval of other content than was submitted' USING ERRCODE = 'check_violation';
  END IF;
  SELECT * INTO p FROM approvals_place WHERE case_id = c.id AND number = NEW.place;
  IF p.status IS DISTINCT FROM 'open' OR p.round <> c.round OR p.step <> c.step OR p.kind = 'consult' THEN
    RAISE EXCEPTION 'a decision for a place that is not open' USING ERRCODE = 'check_violation';
  END IF;
  IF holder = ANY (p.excluded) OR NOT (
    holder = ANY (p.users)
    OR EXISTS (
      SELECT FROM access_assignment a JOIN access_role r ON r.id = a.role_id
      WHERE a.user_id = holder AND a.organisation_id = p.at_id AND r.code = ANY (p.roles)
        AND a.valid_from <= today AND (a.valid_to IS NULL OR a.valid_to > today)
        AND (a.reach = 'branch' OR (a.reach = 'own' AND p.at_id = c.organisation_id)))
    OR (p.post <> '' AND EXISTS (
      SELECT FROM parties_post t
      JOIN parties_appointment a ON a.post_id = t.id AND a.valid @> today
      JOIN accounts_user u ON u.contact_id = a.contact_id
      WHERE t.organisation_id = p.at_id AND t.code = p.post AND t.valid @> today AND u.id = holder))
  ) THEN
    RAISE EXCEPTION 'a decision for a place that is not theirs' USING ERRCODE = 'check_violation';
  END IF;
  -- whoever is asked, a role there or above must let them decide
  IF NOT EXISTS (
    SELECT FROM access_assignment a
    JOIN access_role r ON r.id = a.role_id
    JOIN parties_membership m ON m.ancestor_id = a.organisation_id AND m.organisation_id = c.organisation_id
    CROSS JOIN unnest(r.permissions) AS granted
    WHERE a.user_id = NEW.decided_by_id AND a.valid_from <= today AND (a.valid_to IS NULL OR a.valid_to > today)
      AND (a.reach = 'branch' OR (a.reach = 'own' AND m.depth = 0))
      AND string_to_array(split_part(granted, ':', 1), ',') && '{approvals,*}'
      AND (split_part(granted, ':', 2) = '' OR string_to_array(split_part(granted, ':', 2), ',') && '{decide,*}')
  ) THEN
    RAISE EXCEPTION 'a decision by somebody whose roles do not let them decide' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_decision BEFORE INSERT ON approvals_decision
  FOR EACH ROW EXECUTE FUNCTION approvals_check_decision();

CREATE OR REPLACE FUNCTION approvals_only_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% are only ever added', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER only_added BEFORE UPDATE OR DELETE ON approvals_decision
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_only_added();

CREATE OR REPLACE FUNCTION approvals_check_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.status = OLD.status THEN
    RETURN NEW;
  END IF;
  IF OLD.status = 'void' OR (OLD.status = 'done' AND NEW.status <> 'void') THEN
    RAISE EXCEPTION 'a place that is decided is not opened again' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status = 'done' AND NOT EXISTS (
    SELECT FROM approvals_decision d WHERE d.case_id = NEW.case_id AND d.place = NEW.number AND d.round = NEW.round
      AND d.action = ANY (CASE NEW.kind WHEN 'consult' THEN '{answer}'::text[] ELSE '{approve,acknowledge}'::text[] END)
  ) THEN
    RAISE EXCEPTION 'a place is decided by a decision' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_place BEFORE UPDATE ON approvals_place
  FOR EACH ROW EXECUTE FUNCTION approvals_check_place();

-- A place is born open or waiting, in the round and organisation of its case.
CREATE OR REPLACE FUNCTION approvals_check_new_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.status NOT IN ('open', 'waiting') OR NOT EXISTS (
    SELECT FROM approvals_case c
    WHERE c.id = NEW.case_id AND c.organisation_id = NEW.organisation_id AND c.round = NEW.round
  ) THEN
    RAISE EXCEPTION 'a place that does not belong to its case' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_new_place BEFORE INSERT ON approvals_place
  FOR EACH ROW EXECUTE FUNCTION approvals_check_new_place();

-- A case moves by decisions alone: its state is what the newest one makes it, and it is approved only when every node of
-- its path that is not skipped has been passed in this round.
CREATE OR REPLACE FUNCTION approvals_check_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF access_is_web() AND NEW.requested_by_id IS DISTINCT FROM access_user() THEN
      RAISE EXCEPTION 'a case in the name of another user' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state NOT IN ('open', 'issued') OR NOT (NEW.requested_by_id = ANY (NEW.askers)) THEN
      RAISE EXCEPTION 'a case begins at its first node' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state NOT IN ('open', 'issued', 'returned') THEN
    RAISE EXCEPTION 'a case that has ended does not change' USING ERRCODE = 'check_violation';
  END IF;
  IF NOT (NEW.askers @> OLD.askers) OR NOT (NEW.requested_by_id = ANY (NEW.askers)) THEN
    RAISE EXCEPTION 'whoever asked stays known' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.content_hash <> OLD.content_hash AND NEW.round = OLD.round THEN
    RAISE EXCEPTION 'other content is another round' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.round <> OLD.round AND (NEW.round <> OLD.round + 1 OR NEW.state NOT IN ('open', 'issued')) THEN
    RAISE EXCEPTION 'a round begins at its first node' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.round = OLD.round AND NEW.path <> OLD.path THEN
    RAISE EXCEPTION 'another path is another round' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.round = OLD.round AND NEW.state <> OLD.state AND NOT EXISTS (
    SELECT FROM approvals_decision d
    WHERE d.case_id = NEW.id AND d.number = NEW.decisions_count AND d.number > OLD.decisions_count
      AND d.action = CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'acknowledged' THEN 'acknowledge'
                                    WHEN 'returned' THEN 'return' WHEN 'withdrawn' THEN 'withdraw' END
  ) THEN
    RAISE EXCEPTION 'a case moves by decisions alone' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state IN ('approved', 'acknowledged') AND EXISTS (
    SELECT FROM jsonb_array_elements(NEW.path) WITH ORDINALITY AS s(node, position)
    WHERE s.node ->> 'skipped' = '' AND (
      NOT EXISTS (SELECT FROM approvals_place p WHERE p.case_id = NEW.id AND p.round = NEW.round
                  AND p.step = s.position - 1 AND p.status = 'done' AND p.kind <> 'consult')
      OR EXISTS (SELECT FROM approvals_place p WHERE p.case_id = NEW.id AND p.round = NEW.round
                 AND p.step = s.position - 1 AND p.status IN ('open', 'waiting') AND p.kind <> 'consult'))
  ) THEN
    RAISE EXCEPTION 'a node was skipped' USING ERRCODE = 'check_violation', CONSTRAINT = 'no_node_is_skipped';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_case BEFORE INSERT OR UPDATE ON approvals_case
  FOR EACH ROW EXECUTE FUNCTION approvals_check_case();

-- Signatures: only added, of one's own decision, on the text that one was given to sign. Whether the signature holds is
-- computed by the product; that there is one where the route wants it is asked at the end of the transaction.
CREATE OR REPLACE FUNCTION approvals_check_signature() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() AND NEW.signed_by_id IS DISTINCT FROM access_user() THEN
    RAISE EXCEPTION 'a signature in the name of another user' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (
    SELECT FROM approvals_decision d JOIN approvals_signingrequest r ON r.id = NEW.request_id
    WHERE d.id = NEW.decision_id AND d.case_id = NEW.case_id AND d.organisation_id = NEW.organisation_id
      AND d.decided_by_id = NEW.signed_by_id AND r.user_id = NEW.signed_by_id AND r.case_id = NEW.case_id
      AND r.action = d.action AND r.text = NEW.text AND r.text::jsonb ->> 'content_sha256' = d.content_hash
      AND r.text::jsonb ->> 'reason' = d.reason AND r.text::jsonb ->> 'words' = d.words
  ) THEN
    RAISE EXCEPTION 'a signature of something else than its decision' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_signature BEFORE INSERT ON approvals_signature
  FOR EACH ROW EXECUTE FUNCTION approvals_check_signature();
CREATE OR REPLACE TRIGGER only_added BEFORE UPDATE OR DELETE ON approvals_signature
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_only_added();

-- What is to be signed is used once, and nothing of it changes.
CREATE OR REPLACE FUNCTION approvals_check_request() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.used_at IS NOT NULL OR (to_jsonb(NEW) - 'used_at') <> (to_jsonb(OLD) - 'used_at') THEN
    RAISE EXCEPTION 'what is to be signed is used once' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_request BEFORE UPDATE OR DELETE ON approvals_signingrequest
  FOR EACH ROW EXECUTE FUNCTION approvals_check_request();

CREATE OR REPLACE FUNCTION approvals_require_signature() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.action IN ('approve', 'acknowledge') AND EXISTS (
    SELECT FROM approvals_case c JOIN approvals_route r ON r.id = c.route_id
    CROSS JOIN jsonb_array_elements(r.definition -> 'nodes') AS node
    WHERE c.id = NEW.case_id AND node ->> 'code' = c.path -> NEW.step::integer ->> 'node'
      AND node ->> 'signature' = 'required'
  ) AND NOT EXISTS (SELECT FROM approvals_signature s WHERE s.decision_id = NEW.id) THEN
    RAISE EXCEPTION 'a decision without the signature that its node wants' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS require_signature ON approvals_decision;
CREATE CONSTRAINT TRIGGER require_signature AFTER INSERT ON approvals_decision DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION approvals_require_signature();
