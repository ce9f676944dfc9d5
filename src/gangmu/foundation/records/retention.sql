-- What the database itself keeps of retention, holds, purges, alarms and receivers: who may, how many people it takes,
-- and that nothing leaves before 180 days by its own clock. Installed with functions.sql.

-- The clock by which records grow old: the database's own, whatever a process says.
CREATE OR REPLACE FUNCTION public.records_now() RETURNS timestamptz
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$ SELECT clock_timestamp() $$;

-- Our clock's instant, for what is written down beside the database's.
CREATE OR REPLACE FUNCTION public.records_said() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(nullif(current_setting('gangmu.now', true), '')::timestamptz, clock_timestamp())
$$;

CREATE OR REPLACE FUNCTION public.records_same_person(one bigint, another bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT one = another OR EXISTS (
    SELECT FROM public.accounts_user a JOIN public.accounts_user b ON b.contact_id = a.contact_id
    WHERE a.id = one AND b.id = another)
$$;

-- Whether whoever has signed in holds, at the top of the tree and in the back office, a role with this permission.
CREATE OR REPLACE FUNCTION public.records_may(room text, action text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  today date := (public.records_said() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
  IF NOT public.access_is_web() THEN -- not one condition: planning it would ask for the user where there is none
    RETURN false;
  END IF;
  RETURN EXISTS (
    SELECT FROM public.access_assignment a
    JOIN public.access_role r ON r.id = a.role_id AND r.site IN ('office', 'both')
    JOIN public.accounts_user u ON u.id = a.user_id AND u.is_active
    CROSS JOIN unnest(r.permissions) AS granted
    WHERE a.user_id = public.access_user() AND a.reach = 'branch'
      AND a.valid_from <= today AND (a.valid_to IS NULL OR a.valid_to > today)
      AND NOT EXISTS (
        SELECT FROM public.parties_placement p WHERE p.child_id = a.organisation_id AND p.parent_id IS NOT NULL
          AND p.valid @> today)
      AND string_to_array(split_part(granted, ':', 1), ',') && ARRAY[room, '*']
      AND (split_part(granted, ':', 2) = '' OR string_to_array(split_part(granted, ':', 2), ',') && ARRAY[action, '*'])
      AND split_part(granted, ':', 3) IN ('', '*'));
END $$;

CREATE OR REPLACE FUNCTION public.records_require(room text, action text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT public.records_may(room, action) THEN
    RAISE EXCEPTION 'nobody signed in, or without the permission %:% at the top of the tree', room, action
      USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

-- Guards: what the tables refuse, whoever writes.

CREATE OR REPLACE FUNCTION public.records_guard_retention() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a retention class stays: give it fewer kinds, which are then kept for ever'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.keep_days >= OLD.keep_days AND OLD.kinds @> NEW.kinds AND NEW."table" = OLD."table" AND NEW.code = OLD.code THEN
      RETURN NEW;
    END IF;
  END IF;
  IF NOT EXISTS (
    SELECT FROM public.records_retentionchange c
    WHERE c.code = NEW.code AND c."table" = NEW."table" AND c.kinds = NEW.kinds AND c.keep_days = NEW.keep_days
      AND c.answer = 'agreed' AND NOT public.records_same_person(c.requested_by_id, c.answered_by_id)
      AND c.id = (SELECT max(n.id) FROM public.records_retentionchange n WHERE n.code = NEW.code)
  ) THEN
    RAISE EXCEPTION 'records are kept for a shorter time only when two people agree' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.records_guard_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.answer <> '' OR NEW.requested_by_id IS DISTINCT FROM public.access_user()
       OR NOT (public.records_may('records', 'retain') OR public.records_may('retention', 'ask')) THEN
      RAISE EXCEPTION 'a change of retention is asked for by who may, and answered by another'
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR OLD.answer <> '' OR NEW.answered_by_id IS DISTINCT FROM public.access_user()
     OR public.records_same_person(NEW.requested_by_id, NEW.answered_by_id)
     OR NOT public.records_may('records', 'retain')
     OR (to_jsonb(NEW) - 'answer' - 'answered_by_id' - 'answered_at' - 'words')
        <> (to_jsonb(OLD) - 'answer' - 'answered_by_id' - 'answered_at' - 'words') THEN
    RAISE EXCEPTION 'a change of retention is answered once, by another person who may, and else stands'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.records_guard_purge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.confirmed_at IS NOT NULL OR NEW.declined_at IS NOT NULL OR NEW.done_at IS NOT NULL
       OR NEW.requested_by_id IS DISTINCT FROM public.access_user()
       OR NOT (public.records_may('records', 'retain') OR public.records_may('retention', 'ask')) THEN
      RAISE EXCEPTION 'a purge is asked for by who may, and confirmed by another' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.confirmed_at IS NOT NULL AND OLD.done_at IS NULL
     AND (to_jsonb(NEW) - 'done_at' - 'removed') = (to_jsonb(OLD) - 'done_at' - 'removed')
     AND coalesce(current_setting('gangmu.purge', true), '') = 'confirmed' THEN
    RETURN NEW;  -- carried out
  END IF;
  IF TG_OP = 'DELETE' OR OLD.confirmed_at IS NOT NULL OR OLD.declined_at IS NOT NULL
     OR coalesce(NEW.confirmed_by_id, NEW.declined_by_id) IS DISTINCT FROM public.access_user()
     OR (NEW.confirmed_by_id IS NOT NULL AND public.records_same_person(NEW.requested_by_id, NEW.confirmed_by_id))
     OR NOT public.records_may('records', 'retain')
     OR (to_jsonb(NEW) - '{confirmed_by_id,confirmed_at,declined_by_id,declined_at}'::text[])
        <> (to_jsonb(OLD) - '{confirmed_by_id,confirmed_at,declined_by_id,declined_at}'::text[]) THEN
    RAISE EXCEPTION 'a purge is answered once, by another person who may, and else stands'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.records_guard_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NOT public.records_may('records', 'retain')
     OR (TG_OP = 'INSERT' AND (NEW.released_at IS NOT NULL OR NEW.placed_by_id IS DISTINCT FROM public.access_user())) THEN
    RAISE EXCEPTION 'a legal hold is placed and released by who may' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'UPDATE' AND (OLD.released_at IS NOT NULL OR NEW.released_by_id IS DISTINCT FROM public.access_user()
     OR (to_jsonb(NEW) - 'released_at' - 'released_by_id') <> (to_jsonb(OLD) - 'released_at' - 'released_by_id')) THEN
    RAISE EXCEPTION 'a legal hold is released, and else stands' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.records_guard_rule() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'INSERT' OR NOT public.records_may('alarms', 'configure') THEN
    RAISE EXCEPTION 'alarm rules are only added, by who may' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.records_guard_alarm() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'alarms are not removed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.acknowledged_at IS NOT NULL THEN
      RAISE EXCEPTION 'an alarm begins unacknowledged' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.acknowledged_at IS NOT NULL
     OR (NEW.acknowledged_at IS NOT NULL AND NOT (
       public.access_is_web() AND NEW.acknowledged_by_id IS NOT DISTINCT FROM public.access_user())) THEN
    RAISE EXCEPTION 'an alarm is acknowledged once, by a person' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

-- A receiver's address is set by who may, or by the environment of the process that sends; its position by that alone.
CREATE OR REPLACE FUNCTION public.records_guard_receiver() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'receivers are ended, not removed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF public.records_may('records', 'stream') AND NOT NEW.from_environment THEN
    RETURN NEW;
  END IF;
  IF NOT public.access_is_web() AND (CASE
    WHEN TG_OP = 'INSERT' THEN NEW.from_environment
    WHEN OLD.from_environment THEN NEW.from_environment
    ELSE (NEW.name, NEW.url, NEW.ca, NEW.started_at, NEW.ended_at, NEW.from_environment)
         IS NOT DISTINCT FROM (OLD.name, OLD.url, OLD.ca, OLD.started_at, OLD.ended_at, OLD.from_environment)
  END) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'receivers of the record are set by who may' USING ERRCODE = 'insufficient_privilege';
END $$;

-- Verbs of the pages. Each asks for the permission in its table's guard, and leaves its event.

CREATE OR REPLACE FUNCTION public.records_lengthen(of_code text, days integer, why text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before integer;
BEGIN
  PERFORM public.records_require('records', 'retain');
  SELECT keep_days INTO before FROM public.records_retention WHERE code = of_code FOR UPDATE;
  IF before IS NULL OR days <= before THEN
    RAISE EXCEPTION 'not longer than now' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE public.records_retention SET keep_days = days WHERE code = of_code;
  PERFORM public.records_note('records.retention-lengthened', NULL, '',
    jsonb_build_object('class', of_code, 'from', before, 'to', days, 'reason', why), NULL, public.records_said(), NULL, false);
END $$;

CREATE OR REPLACE FUNCTION public.records_ask_retention(
  of_code text, zh text, en text, of_table text, of_kinds jsonb, days integer, why text
) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH asked AS (
    INSERT INTO public.records_retentionchange
      (code, name_zh, name_en, "table", kinds, keep_days, reason, requested_by_id, requested_at)
    VALUES (of_code, zh, en, of_table, of_kinds, days, why, public.access_user(), public.records_said())
    RETURNING id
  )
  SELECT a.id FROM asked a, LATERAL public.records_note('records.retention-asked', NULL,
    'records.retentionchange:' || a.id,
    jsonb_build_object('class', of_code, 'kinds', of_kinds, 'days', days, 'reason', why),
    NULL, public.records_said(), NULL, false)
$$;

CREATE OR REPLACE FUNCTION public.records_answer_retention(of_change bigint, agree boolean, said text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c public.records_retentionchange;
BEGIN
  UPDATE public.records_retentionchange SET answer = CASE WHEN agree THEN 'agreed' ELSE 'declined' END,
    answered_by_id = public.access_user(), answered_at = public.records_said(), words = said
    WHERE id = of_change RETURNING * INTO c;
  IF agree THEN
    INSERT INTO public.records_retention (code, name_zh, name_en, "table", kinds, keep_days)
      VALUES (c.code, c.name_zh, c.name_en, c."table", c.kinds, c.keep_days)
      ON CONFLICT (code) DO UPDATE SET name_zh = c.name_zh, name_en = c.name_en, "table" = c."table",
        kinds = c.kinds, keep_days = c.keep_days;
  END IF;
  PERFORM public.records_note(
    CASE WHEN agree THEN 'records.retention-changed' ELSE 'records.retention-declined' END, NULL,
    'records.retentionchange:' || c.id,
    jsonb_build_object('class', c.code, 'kinds', c.kinds, 'days', c.keep_days, 'asked_by', c.requested_by_id, 'words', said),
    NULL, public.records_said(), NULL, false);
END $$;

CREATE OR REPLACE FUNCTION public.records_place_hold(why text, of_table text, of_kind text, at_organisation bigint)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH placed AS (
    INSERT INTO public.records_hold (reason, "table", kind, organisation_id, placed_by_id, placed_at)
    VALUES (why, of_table, of_kind, at_organisation, public.access_user(), public.records_said())
    RETURNING id
  )
  SELECT p.id FROM placed p, LATERAL public.records_note('records.hold-placed', at_organisation, 'records.hold:' || p.id,
    jsonb_build_object('reason', why, 'table', of_table, 'kind', of_kind), NULL, public.records_said(), NULL, false)
$$;

CREATE OR REPLACE FUNCTION public.records_release_hold(of_hold bigint, why text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held public.records_hold;
BEGIN
  UPDATE public.records_hold SET released_by_id = public.access_user(), released_at = public.records_said()
    WHERE id = of_hold RETURNING * INTO held;
  PERFORM public.records_note('records.hold-released', held.organisation_id, 'records.hold:' || of_hold,
    jsonb_build_object('reason', why), NULL, public.records_said(), NULL, false);
END $$;

CREATE OR REPLACE FUNCTION public.records_ask_purge(of_retention bigint, older_than timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r public.records_retention;
  asked bigint;
BEGIN
  SELECT * INTO STRICT r FROM public.records_retention WHERE id = of_retention;
  IF older_than > public.records_now() - make_interval(days => r.keep_days) THEN
    RAISE EXCEPTION 'of % nothing younger than % days may be removed', r.code, r.keep_days USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO public.records_purge (retention_id, before, requested_by_id, requested_at, removed)
    VALUES (of_retention, older_than, public.access_user(), public.records_said(), 0) RETURNING id INTO asked;
  PERFORM public.records_note('records.purge-requested', NULL, 'records.purge:' || asked,
    jsonb_build_object('class', r.code, 'before', older_than), NULL, public.records_said(), NULL, false);
  RETURN asked;
END $$;

CREATE OR REPLACE FUNCTION public.records_answer_purge(of_purge bigint, agree boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF agree THEN
    UPDATE public.records_purge SET confirmed_by_id = public.access_user(), confirmed_at = public.records_said()
      WHERE id = of_purge;
  ELSE
    UPDATE public.records_purge SET declined_by_id = public.access_user(), declined_at = public.records_said()
      WHERE id = of_purge;
  END IF;
  PERFORM public.records_note(CASE WHEN agree THEN 'records.purge-confirmed' ELSE 'records.purge-declined' END, NULL,
    'records.purge:' || of_purge, '{}', NULL, public.records_said(), NULL, false);
END $$;

CREATE OR REPLACE FUNCTION public.records_set_alarm_rule(
  of_sign text, from_day date, how_many integer, minutes integer, opens integer, closes integer
) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH made AS (
    INSERT INTO public.records_alarmrule (sign, valid_from, threshold, "window", from_hour, to_hour)
    VALUES (of_sign, from_day, how_many, minutes, opens, closes) RETURNING id
  )
  SELECT m.id FROM made m, LATERAL public.records_note('records.alarm-rule-set', NULL, 'records.alarmrule:' || m.id,
    jsonb_build_object('sign', of_sign, 'valid_from', from_day, 'threshold', how_many, 'window', minutes,
                       'from_hour', opens, 'to_hour', closes), NULL, public.records_said(), NULL, false)
$$;

-- Of an alarm of one's own branch. The row is looked for with the owner's rights, hence the question.
CREATE OR REPLACE FUNCTION public.records_acknowledge(of_alarm bigint, said text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a public.records_alarm;
BEGIN
  SELECT * INTO STRICT a FROM public.records_alarm WHERE id = of_alarm FOR UPDATE;
  IF NOT public.access_is_web() OR NOT (CASE WHEN a.organisation_id IS NULL THEN public.access_whole('change_alarms')
       ELSE get_bit(public.access_bits('change_alarms'), a.organisation_id) = 1 END) THEN
    RAISE EXCEPTION 'an alarm of another branch' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE public.records_alarm SET acknowledged_by_id = public.access_user(), acknowledged_at = public.records_said(),
    note = said WHERE id = of_alarm;
  PERFORM public.records_note('records.alarm-acknowledged', a.organisation_id, 'records.alarm:' || of_alarm,
    jsonb_build_object('sign', a.sign, 'about', a.about, 'note', said), NULL, public.records_said(), NULL, false);
END $$;

CREATE OR REPLACE FUNCTION public.records_set_receiver(of_name text, to_url text, of_ca text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH put AS (
    INSERT INTO public.records_receiver AS r
      (name, url, ca, from_environment, started_at, next_xact, safe_xact, sent, failure)
    SELECT of_name, to_url, of_ca, false, public.records_said(), h.x, h.x, 0, '' FROM (SELECT public.records_horizon() AS x) h
    ON CONFLICT (name) DO UPDATE SET url = to_url, ca = of_ca, ended_at = NULL RETURNING r.id
  )
  SELECT p.id FROM put p, LATERAL public.records_note('records.stream-set', NULL, 'records.receiver:' || p.id,
    jsonb_build_object('name', of_name, 'url', to_url), NULL, public.records_said(), NULL, false)
$$;

CREATE OR REPLACE FUNCTION public.records_end_receiver(of_name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ended bigint;
BEGIN
  UPDATE public.records_receiver SET ended_at = public.records_said()
    WHERE name = of_name AND ended_at IS NULL AND NOT from_environment RETURNING id INTO STRICT ended;
  PERFORM public.records_note('records.stream-ended', NULL, 'records.receiver:' || ended,
    jsonb_build_object('name', of_name), NULL, public.records_said(), NULL, false);
END $$;

-- The seal that holds a transaction, or the next after it, with what a receiver of an export needs to recompute its head.
-- Leaves are numbers and hashes of records; they tell nothing of what the records say.
CREATE OR REPLACE FUNCTION public.records_seal_of(of_xact bigint)
RETURNS TABLE (
  number bigint, format smallint, previous text, from_xact bigint, to_xact bigint, own_xact bigint, taken_at timestamptz,
  head text, mac text, counts bigint[], digests text[], history bytea, event bytea
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF public.access_is_web() AND NOT EXISTS (
    SELECT FROM public.access_assignment a JOIN public.access_role r ON r.id = a.role_id
    CROSS JOIN unnest(r.permissions) AS granted
    WHERE a.user_id = public.access_user() AND granted ~ '^(records|\*)(:|$)'
  ) THEN
    RAISE EXCEPTION 'seals are for who may read records' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    SELECT s.number, s.format, s.previous::text, s.from_xact, s.to_xact, s.own_xact, s.taken_at, s.head::text, s.mac::text,
      ARRAY[h.count, e.count], ARRAY[h.digest::text, e.digest::text], h.leaves, e.leaves
    FROM public.records_seal s
    LEFT JOIN public.records_sealpart h ON h.seal_id = s.number AND h."table" = 'history'
    LEFT JOIN public.records_sealpart e ON e.seal_id = s.number AND e."table" = 'event'
    WHERE s.to_xact > of_xact ORDER BY s.number LIMIT 1;
END $$;

-- The newest seal, when it was taken, and how much has not been sealed yet: numbers, to whoever may read records.
CREATE OR REPLACE FUNCTION public.records_seal_state()
RETURNS TABLE (number bigint, head text, taken_at timestamptz, seals bigint, unsealed bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH last_seal AS (SELECT * FROM public.records_seal ORDER BY number DESC LIMIT 1),
  open AS (
    (SELECT e.written_at FROM public.records_event e
     WHERE e.xact >= coalesce((SELECT to_xact FROM last_seal), 0) ORDER BY e.xact LIMIT 10000)
    UNION ALL
    (SELECT h.written_at FROM public.records_history h
     WHERE h.xact >= coalesce((SELECT to_xact FROM last_seal), 0) ORDER BY h.xact LIMIT 10000)
  )
  SELECT (SELECT s.number FROM last_seal s), (SELECT s.head::text FROM last_seal s), (SELECT s.taken_at FROM last_seal s),
         (SELECT count(*) FROM public.records_seal), count(*), min(open.written_at) FROM open
$$;

-- Removes what a confirmed purge names, and nothing that is younger than its class or 180 days by the database's clock, of
-- another kind, or under a hold. The caller has written the tombstone; verification holds both together.
CREATE OR REPLACE FUNCTION public.records_purge(of_purge bigint, history_ids bigint[], event_ids bigint[])
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  p public.records_purge;
  r public.records_retention;
  old_enough timestamptz;
  removed_history bigint;
  removed_events bigint;
BEGIN
  SELECT * INTO p FROM public.records_purge WHERE id = of_purge AND done_at IS NULL
    AND confirmed_at IS NOT NULL AND NOT public.records_same_person(confirmed_by_id, requested_by_id) FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'purge % is not open and confirmed by a second person', of_purge
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT * INTO STRICT r FROM public.records_retention WHERE id = p.retention_id;
  old_enough := least(p.before, public.records_now() - make_interval(days => greatest(r.keep_days, 180)));
  PERFORM set_config('gangmu.purge', 'confirmed', true);
  DELETE FROM public.records_history AS h WHERE h.id = ANY (history_ids)
    AND r."table" = 'history' AND r.kinds ? h.model AND h.written_at < old_enough
    AND NOT EXISTS (SELECT FROM public.records_hold d WHERE d.released_at IS NULL AND d."table" = 'history'
      AND (d.kind = '' OR d.kind = h.model) AND (d.organisation_id IS NULL OR d.organisation_id = h.organisation_id));
  GET DIAGNOSTICS removed_history = ROW_COUNT;
  DELETE FROM public.records_event AS e WHERE e.id = ANY (event_ids) AND e.kind <> 'records.purged'
    AND r."table" = 'event' AND r.kinds ? e.kind AND e.written_at < old_enough
    AND NOT EXISTS (SELECT FROM public.records_hold d WHERE d.released_at IS NULL AND d."table" = 'event'
      AND (d.kind = '' OR d.kind = e.kind) AND (d.organisation_id IS NULL OR d.organisation_id = e.organisation_id));
  GET DIAGNOSTICS removed_events = ROW_COUNT;
  IF removed_history + removed_events <> cardinality(history_ids) + cardinality(event_ids) THEN
    RAISE EXCEPTION 'purge % names records that must be kept', of_purge USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE public.records_purge SET done_at = public.records_said(), removed = removed_history + removed_events
    WHERE id = of_purge;
  PERFORM set_config('gangmu.purge', '', true);
  RETURN removed_history + removed_events;
END $$;

REVOKE EXECUTE ON FUNCTION
  public.records_now(), public.records_said(), public.records_same_person(bigint, bigint), public.records_may(text, text),
  public.records_require(text, text), public.records_guard_retention(), public.records_guard_change(),
  public.records_guard_purge(), public.records_guard_hold(), public.records_guard_rule(), public.records_guard_alarm(),
  public.records_guard_receiver(), public.records_lengthen(text, integer, text),
  public.records_ask_retention(text, text, text, text, jsonb, integer, text),
  public.records_answer_retention(bigint, boolean, text), public.records_place_hold(text, text, text, bigint),
  public.records_release_hold(bigint, text), public.records_ask_purge(bigint, timestamptz),
  public.records_answer_purge(bigint, boolean),
  public.records_set_alarm_rule(text, date, integer, integer, integer, integer), public.records_acknowledge(bigint, text),
  public.records_set_receiver(text, text, text), public.records_end_receiver(text), public.records_seal_of(bigint),
  public.records_seal_state(), public.records_purge(bigint, bigint[], bigint[])
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  public.records_may(text, text), public.records_lengthen(text, integer, text),
  public.records_ask_retention(text, text, text, text, jsonb, integer, text),
  public.records_answer_retention(bigint, boolean, text), public.records_place_hold(text, text, text, bigint),
  public.records_release_hold(bigint, text), public.records_ask_purge(bigint, timestamptz),
  public.records_answer_purge(bigint, boolean),
  public.records_set_alarm_rule(text, date, integer, integer, integer, integer), public.records_acknowledge(bigint, text),
  public.records_set_receiver(text, text, text), public.records_end_receiver(text), public.records_seal_of(bigint),
  public.records_seal_state()
  TO gangmu_web, gangmu_system;
GRANT EXECUTE ON FUNCTION
  public.records_now(), public.records_said(), public.records_same_person(bigint, bigint),
  public.records_purge(bigint, bigint[], bigint[])
  TO gangmu_system;
