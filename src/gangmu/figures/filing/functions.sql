-- The log that the cube folds. The trigger on batches is deferred to the end of the transaction and draws the
-- number under a lock that is held until the commit is visible: order of numbers = order of commits.

CREATE OR REPLACE FUNCTION filing_log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- The cube folds the cells of the batches that the log names: what was taken back is in none but its old one.
  PERFORM filing_append(NEW.id || NEW.takes_back);
  RETURN NULL;
END $$;

-- Name batches in the log, whose cells are to be folded (again). For deferred triggers alone: the lock holds on until the
-- commit, and nothing may come between.
CREATE OR REPLACE FUNCTION filing_append(batches bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7411001);
  INSERT INTO filing_change (id, batch_id)
    SELECT (SELECT coalesce(max(id), 0) FROM filing_change) + place, batch
    FROM unnest(batches) WITH ORDINALITY AS b (batch, place);
  PERFORM pg_notify('gangmu_facts', '');
END $$;

DROP FUNCTION IF EXISTS filing_log_head();  -- asked by cube_look() now

-- Who recorded facts, when, from what and why: of batches that brought a fact of an organisation in the asker's present
-- scope. A former branch learns nothing of them: what was done later may speak of what is not its own.
CREATE OR REPLACE FUNCTION filing_batches(wanted bigint[])
RETURNS TABLE (id bigint, kind text, source text, reason text, recorded_at timestamptz, recorded_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT b.id, b.kind::text, b.source::text, b.reason, b.recorded_at, u.name::text
    FROM filing_batch b LEFT JOIN accounts_user u ON u.id = b.recorded_by_id
    WHERE b.id = ANY(wanted) AND EXISTS (
      SELECT FROM filing_fact f
      WHERE f.batch_id = b.id AND get_bit((SELECT access_bits('view_figures')), f.organisation_id) = 1);
END $$;
GRANT EXECUTE ON FUNCTION filing_batches(bigint[]) TO gangmu_web;

-- The day that says whose a fact is: its own, or the last of its month on which its organisation stood in the tree. Row
-- security asks for it, of what has left the asker's branch; of nothing else it tells the web role.
CREATE OR REPLACE FUNCTION filing_day(of_indicator bigint, of_organisation bigint, of_period date) RETURNS date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE month daterange := daterange(of_period, (of_period + interval '1 month')::date);
BEGIN
  IF access_is_web() AND NOT access_was_own('figures', of_organisation, NULL) THEN
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT FROM indicators_indicator WHERE id = of_indicator AND grain = 'month') THEN
    RETURN of_period;
  END IF;
  RETURN coalesce(
    (SELECT max(least(upper(m.valid), upper(month))) FROM parties_membership m
     WHERE m.organisation_id = of_organisation AND m.depth = 0 AND m.valid && month),
    upper(month)) - 1;
END $$;
GRANT EXECUTE ON FUNCTION filing_day(bigint, bigint, date) TO gangmu_web, gangmu_system;

DROP TRIGGER IF EXISTS log_change ON filing_batch;
CREATE CONSTRAINT TRIGGER log_change AFTER INSERT ON filing_batch
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION filing_log_change();

-- What the facts refer to must exist, and must stay while a fact refers to it. One check a statement.

CREATE OR REPLACE FUNCTION filing_facts_refer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE closed record;
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT organisation_id FROM added) a
             WHERE NOT EXISTS (SELECT FROM parties_organisation o WHERE o.id = a.organisation_id))
     OR EXISTS (SELECT FROM (SELECT DISTINCT indicator_id FROM added) a
                WHERE NOT EXISTS (SELECT FROM indicators_indicator i WHERE i.id = a.indicator_id))
     OR EXISTS (SELECT FROM (SELECT DISTINCT scenario_id FROM added) a
                WHERE NOT EXISTS (SELECT FROM filing_scenario s WHERE s.id = a.scenario_id))
     OR EXISTS (SELECT FROM (SELECT DISTINCT batch_id AS id FROM added UNION SELECT superseded_by_id FROM added) a
                WHERE a.id IS NOT NULL AND NOT EXISTS (SELECT FROM filing_batch b WHERE b.id = a.id)) THEN
    RAISE EXCEPTION 'a fact refers to an organisation, indicator, scenario or batch that does not exist'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  -- A category of a dictionary takes figures on its days alone; a month counts where one of its days is one of them.
  IF EXISTS (SELECT FROM indicators_indicator WHERE valid_from IS NOT NULL OR valid_to IS NOT NULL)
     AND EXISTS (
      SELECT FROM added a JOIN indicators_indicator i ON i.id = a.indicator_id
      WHERE a.period > i.valid_to
         OR CASE i.grain WHEN 'month' THEN (a.period + interval '1 month')::date - 1 ELSE a.period END < i.valid_from) THEN
    RAISE EXCEPTION 'a category takes figures on its days alone' USING ERRCODE = 'restrict_violation',
      CONSTRAINT = 'a_category_takes_figures_on_its_days';
  END IF;
  -- Closed months 关账 stand still: neither a day nor the settled value changes until the month is reopened.
  IF EXISTS (SELECT FROM filing_monthclosing WHERE reopened_at IS NULL) THEN
    SELECT o.code AS organisation, i.code AS indicator, c.month, x.code AS closed_at INTO closed
      FROM added a JOIN filing_scenario s ON s.id = a.scenario_id AND s.code = 'actual'
      JOIN indicators_indicator i ON i.id = a.indicator_id
      JOIN indicators_indicator d ON d.code = coalesce(nullif(i.settles, ''), i.code)
      JOIN filing_monthclosing c ON c.indicator_id = d.id AND c.reopened_at IS NULL
        AND c.month = date_trunc('month', a.period)::date
      JOIN parties_membership m ON m.ancestor_id = c.organisation_id AND m.organisation_id = a.organisation_id
        AND m.valid && daterange(c.month, (c.month + interval '1 month')::date)
      JOIN parties_organisation o ON o.id = a.organisation_id
      JOIN parties_organisation x ON x.id = c.organisation_id LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'a closed month stands still' USING ERRCODE = 'restrict_violation',
        DETAIL = concat_ws(' ', closed.organisation, closed.indicator, to_char(closed.month, 'YYYY-MM'), closed.closed_at),
        CONSTRAINT = 'a_closed_month_stands_still';
    END IF;
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS facts_refer ON filing_fact;
CREATE TRIGGER facts_refer AFTER INSERT ON filing_fact REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION filing_facts_refer();
DROP TRIGGER IF EXISTS facts_refer_still ON filing_fact;
CREATE TRIGGER facts_refer_still AFTER UPDATE ON filing_fact REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION filing_facts_refer();

CREATE OR REPLACE FUNCTION filing_keep_referred() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE referred boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM filing_fact WHERE %I = $1)', TG_ARGV[0]) INTO referred USING OLD.id;
  IF referred THEN
    RAISE EXCEPTION 'facts refer to this row of %', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN OLD;
END $$;

DROP TRIGGER IF EXISTS keep_referred ON filing_batch;
CREATE TRIGGER keep_referred BEFORE DELETE ON filing_batch
  FOR EACH ROW EXECUTE FUNCTION filing_keep_referred('batch_id');
DROP TRIGGER IF EXISTS keep_referred ON filing_scenario;
CREATE TRIGGER keep_referred BEFORE DELETE ON filing_scenario
  FOR EACH ROW EXECUTE FUNCTION filing_keep_referred('scenario_id');
DROP TRIGGER IF EXISTS keep_referred ON indicators_indicator;
CREATE TRIGGER keep_referred BEFORE DELETE ON indicators_indicator
  FOR EACH ROW EXECUTE FUNCTION filing_keep_referred('indicator_id');
DROP TRIGGER IF EXISTS keep_referred ON parties_organisation;
CREATE TRIGGER keep_referred BEFORE DELETE ON parties_organisation
  FOR EACH ROW EXECUTE FUNCTION filing_keep_referred('organisation_id');

-- Most acts record a sheet, some dozen facts; but after a first load of millions statistics would say that every act is as
-- large, and what looks for the facts of one would walk through all.
ALTER TABLE filing_fact ALTER COLUMN batch_id SET (n_distinct = -0.02);

-- The first load of all. Into an empty table facts go four times as fast while it has no keys. They come back in the same
-- transaction, together with what is otherwise checked at every statement; see bulk.py. For the system role alone.

-- Take the keys away and say true; false when there are facts already, and the keys stay. Nobody reads facts until the
-- transaction ends. What makes the keys again is kept in a table of the owner's that vanishes with the transaction.
CREATE OR REPLACE FUNCTION filing_begin_first_load() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE one record;
BEGIN
  LOCK TABLE public.filing_fact IN ACCESS EXCLUSIVE MODE;
  -- an older snapshot would not see what was committed before the lock
  IF current_setting('transaction_isolation') <> 'read committed' OR EXISTS (SELECT FROM public.filing_fact) THEN
    RETURN false;
  END IF;
  TRUNCATE public.filing_fact;  -- it is empty; rows of the transaction that says so can be stored as settled for all
  CREATE TEMPORARY TABLE filing_key ON COMMIT DROP AS
    SELECT x.relname::text AS name, c.conname IS NOT NULL AS is_constraint,
           CASE WHEN c.conname IS NULL THEN pg_get_indexdef(x.oid)
                ELSE format('ALTER TABLE public.filing_fact ADD CONSTRAINT %I %s', c.conname, pg_get_constraintdef(c.oid))
           END AS statement
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
    LEFT JOIN pg_constraint c ON c.conindid = x.oid AND c.conrelid = i.indrelid
    WHERE i.indrelid = 'public.filing_fact'::regclass ORDER BY i.indisprimary DESC, i.indisunique DESC, x.relname;
  CREATE CONSTRAINT TRIGGER keys_are_back AFTER UPDATE ON pg_temp.filing_key
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.filing_keys_are_back();
  UPDATE pg_temp.filing_key SET name = name;  -- have the trigger look when the transaction commits
  FOR one IN SELECT name, is_constraint FROM pg_temp.filing_key LOOP
    IF one.is_constraint THEN
      EXECUTE format('ALTER TABLE public.filing_fact DROP CONSTRAINT %I', one.name);
    ELSE
      EXECUTE format('DROP INDEX public.%I', one.name);
    END IF;
  END LOOP;
  ALTER TABLE public.filing_fact DISABLE TRIGGER facts_refer;
  RETURN true;
END $$;

-- Make the keys again, which refuses a cell that was given twice, and check what the facts refer to.
CREATE OR REPLACE FUNCTION filing_end_first_load() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE one record; before text := current_setting('enable_seqscan');
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('pg_temp.filing_key')
                 AND relowner = current_user::regrole) THEN  -- another's would have the owner do anything
    RAISE EXCEPTION 'no first load has begun' USING ERRCODE = 'insufficient_privilege';
  END IF;
  FOR one IN SELECT statement FROM pg_temp.filing_key LOOP
    EXECUTE one.statement;
  END LOOP;
  ALTER TABLE public.filing_fact ENABLE TRIGGER facts_refer;
  PERFORM set_config('enable_seqscan', 'off', true);  -- each line is one step in an index, of millions of rows
  IF EXISTS (
      WITH RECURSIVE line AS (
        (SELECT indicator_id, scenario_id, organisation_id FROM public.filing_fact ORDER BY 1, 2, 3 LIMIT 1)
        UNION ALL
        SELECT following.* FROM line, LATERAL (
          SELECT indicator_id, scenario_id, organisation_id FROM public.filing_fact f
          WHERE (f.indicator_id, f.scenario_id, f.organisation_id)
              > (line.indicator_id, line.scenario_id, line.organisation_id)
          ORDER BY 1, 2, 3 LIMIT 1) following)
      SELECT FROM line
      WHERE NOT EXISTS (SELECT FROM public.parties_organisation o WHERE o.id = line.organisation_id)
         OR NOT EXISTS (SELECT FROM public.indicators_indicator i WHERE i.id = line.indicator_id)
         OR NOT EXISTS (SELECT FROM public.filing_scenario s WHERE s.id = line.scenario_id))
    OR EXISTS (
      WITH RECURSIVE act AS (
        (SELECT batch_id AS id FROM public.filing_fact ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT following.* FROM act, LATERAL (
          SELECT batch_id FROM public.filing_fact f WHERE f.batch_id > act.id ORDER BY 1 LIMIT 1) following)
      SELECT FROM act WHERE NOT EXISTS (SELECT FROM public.filing_batch b WHERE b.id = act.id)) THEN
    RAISE EXCEPTION 'a fact refers to an organisation, indicator, scenario or batch that does not exist'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  PERFORM set_config('enable_seqscan', before, true);
  ANALYZE public.filing_fact;
END $$;

-- Nobody commits a table of facts without its keys.
CREATE OR REPLACE FUNCTION filing_keys_are_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF to_regclass('public.' || quote_ident(NEW.name)) IS NULL OR EXISTS (
      SELECT FROM pg_trigger WHERE tgrelid = 'public.filing_fact'::regclass AND tgenabled = 'D') THEN
    RAISE EXCEPTION 'a first load has begun and not ended' USING ERRCODE = 'invalid_transaction_state';
  END IF;
  RETURN NULL;
END $$;

-- Days on which facts were filed stay days on which the organisation stood: a tree that takes them away is refused.

CREATE OR REPLACE FUNCTION filing_keep_days() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE code text; first date;
BEGIN
  SELECT min(f.period) INTO first
  FROM filing_fact f JOIN indicators_indicator i ON i.id = f.indicator_id
  WHERE f.organisation_id = OLD.organisation_id AND f.superseded_by_id IS NULL
    AND NOT EXISTS (
      SELECT FROM parties_membership m
      WHERE m.organisation_id = f.organisation_id AND m.depth = 0
        AND m.valid && CASE i.grain WHEN 'month' THEN daterange(f.period, (f.period + interval '1 month')::date)
                                    ELSE daterange(f.period, f.period, '[]') END);
  IF first IS NOT NULL THEN
    SELECT o.code INTO code FROM parties_organisation o WHERE o.id = OLD.organisation_id;
    RAISE EXCEPTION 'facts of % on % would have no organisation', code, first
      USING ERRCODE = 'restrict_violation', DETAIL = code || ' ' || first, CONSTRAINT = 'facts_keep_their_days';
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS facts_keep_their_days ON parties_membership;
CREATE CONSTRAINT TRIGGER facts_keep_their_days AFTER UPDATE OR DELETE ON parties_membership
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.depth = 0) EXECUTE FUNCTION filing_keep_days();

-- Sheets ----------------------------------------------------------------------------------------------------------------

-- The organisations at and below some roots, each on its day, with the dated attributes that count for a form: their own,
-- and inherited ones from above, which a plant's clerk does not see. Of roots in the asker's present scope alone.
CREATE OR REPLACE FUNCTION filing_rows(
  roots bigint[], days date[], deepest integer, of_kinds text[], names text[], inherited text[])
RETURNS TABLE (root_id bigint, day date, id bigint, parent_id bigint, depth integer, code text, name_zh text, name_en text,
               kind text, sort_key text, attributes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE seen bytea := CASE WHEN access_is_web() THEN access_bits('view_figures') END;
BEGIN
  RETURN QUERY
    SELECT w.root_id, w.day, o.id, above.ancestor_id, m.depth::integer, o.code::text, o.name_zh::text, o.name_en::text,
           o.kind::text, o.sort_key::text, coalesce(held.attributes, '{}'::jsonb)
    -- each step a look into an index for what the step before found, whatever statistics say (after a load there are none)
    FROM unnest(roots, days) AS w (root_id, day)
    CROSS JOIN LATERAL (
      SELECT organisation_id, depth FROM parties_membership
      WHERE ancestor_id = w.root_id AND valid @> w.day AND depth <= deepest OFFSET 0) m
    CROSS JOIN LATERAL (SELECT * FROM parties_organisation WHERE id = m.organisation_id OFFSET 0) o
    LEFT JOIN LATERAL (
      SELECT ancestor_id FROM parties_membership
      WHERE organisation_id = o.id AND depth = 1 AND valid @> w.day LIMIT 1) above ON true
    CROSS JOIN LATERAL (
      SELECT jsonb_object_agg(nearest.name, nearest.value) AS attributes FROM (
        SELECT DISTINCT ON (a.name) a.name, a.value
        FROM (SELECT ancestor_id, depth FROM parties_membership
              WHERE organisation_id = o.id AND valid @> w.day OFFSET 0) up
        CROSS JOIN LATERAL (
          SELECT name, value FROM parties_attributevalue
          WHERE organisation_id = up.ancestor_id AND valid @> w.day AND name = ANY(names)
            AND (up.depth = 0 OR name = ANY(inherited)) OFFSET 0) a
        ORDER BY a.name, up.depth) nearest) held
    WHERE (m.depth = 0 OR o.kind = ANY(of_kinds)) AND (seen IS NULL OR get_bit(seen, w.root_id) = 1);
END $$;
GRANT EXECUTE ON FUNCTION filing_rows(bigint[], date[], integer, text[], text[], text[]) TO gangmu_web, gangmu_system;

-- Figures of sheets become facts by these two functions alone: the web role writes no facts by itself. They see to it
-- that the sheets are under submission, that every organisation is the asker's to change, and that no fact of a sheet is
-- ever at another state than the sheet.

-- Record the figures of sheets. `of_kind` is 'sheet': sheets that have just been submitted, whose figures enter as filed;
-- or 'correction': approved or locked sheets with a correction in force, whose figures enter at the state of those that
-- they replace. A figure of NULL takes the one that stands back. What stands already is left alone; the act that changes
-- nothing makes no batch. One batch a sheet, under its key.
CREATE OR REPLACE FUNCTION filing_record(
  of_sheets bigint[], keys text[], of_kind text, why text, by_user bigint, at timestamptz,
  cell_sheets bigint[], organisations bigint[], indicators bigint[], figures bigint[], marks smallint[], entries text[])
RETURNS TABLE (sheet_id bigint, batch_id bigint, added integer, changed integer, taken_back integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
  may bytea := CASE WHEN access_is_web() THEN access_bits('change_figures') END;
  wrong record;
BEGIN
  IF of_kind = 'sheet' THEN  -- a correction is recorded as asked for, whoever approved it last
    PERFORM access_require_oneself(by_user);
  END IF;
  PERFORM pg_advisory_xact_lock(7411002);  -- as every writer of facts: what was compared is still true when stored
  IF to_regclass('pg_temp.filing_act') IS NOT NULL THEN  -- of an act before in the same transaction
    DROP TABLE pg_temp.filing_act, pg_temp.filing_figure;
  END IF;
  CREATE TEMPORARY TABLE filing_act ON COMMIT DROP AS
    SELECT s.id AS sheet_id, a.key, s.organisation_id, s.period, s.state, NULL::bigint AS batch_id,
           s.form_code || ' ' || s.period AS source, c.id AS scenario_id,
           CASE f.definition->>'grain' WHEN 'month' THEN daterange(s.period, (s.period + interval '1 month')::date)
                                       ELSE daterange(s.period, s.period, '[]') END AS days
    FROM unnest(of_sheets, keys) AS a (sheet_id, key)
    JOIN filing_sheet s ON s.id = a.sheet_id
    JOIN filing_form f ON f.id = s.form_id
    JOIN filing_scenario c ON c.code = coalesce(f.definition->>'scenario', 'actual')
    WHERE CASE of_kind
      WHEN 'sheet' THEN s.status = 'submitted' AND s.state = 1
      WHEN 'correction' THEN s.status IN ('approved', 'locked') AND EXISTS (
        SELECT FROM filing_correction k WHERE k.id = filing_newest_correction(s.id) AND k.reason = why
          AND k.asked_by_id IS NOT DISTINCT FROM by_user)
      END;
  IF (SELECT count(*) FROM pg_temp.filing_act) < coalesce(array_length(of_sheets, 1), 0) THEN
    RAISE EXCEPTION 'a sheet is not under submission' USING ERRCODE = 'insufficient_privilege';
  END IF;
  CREATE TEMPORARY TABLE filing_figure ON COMMIT DROP AS
    SELECT w.*, a.period, a.scenario_id, a.days, f.value AS stands, f.state AS stands_state, f.mark AS stands_mark,
           f.batch_id AS stands_batch
    FROM unnest(cell_sheets, organisations, indicators, figures, marks, entries)
      AS w (sheet_id, organisation_id, indicator_id, value, mark, entered)
    JOIN pg_temp.filing_act a ON a.sheet_id = w.sheet_id
    LEFT JOIN LATERAL (  -- there is but one; the limit makes it one look into the index a cell
      SELECT * FROM filing_fact f
      WHERE f.superseded_by_id IS NULL AND f.indicator_id = w.indicator_id AND f.scenario_id = a.scenario_id
        AND f.organisation_id = w.organisation_id AND f.period = a.period
      LIMIT 1) f ON true;
  ANALYZE pg_temp.filing_figure;
  IF may IS NOT NULL AND EXISTS (SELECT FROM pg_temp.filing_figure c WHERE get_bit(may, c.organisation_id) = 0) THEN
    RAISE EXCEPTION 'an organisation is outside the scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT c.organisation_id, a.source INTO wrong
    FROM (SELECT DISTINCT sheet_id, organisation_id FROM pg_temp.filing_figure) c
    JOIN pg_temp.filing_act a ON a.sheet_id = c.sheet_id
    WHERE NOT EXISTS (
      SELECT FROM parties_membership m WHERE m.ancestor_id = a.organisation_id
        AND m.organisation_id = c.organisation_id AND m.valid @> (upper(a.days) - 1)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'organisation % has no row in sheet %', wrong.organisation_id, wrong.source
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT i.code, f.code AS form INTO wrong
    FROM (SELECT DISTINCT s.form_id, c.indicator_id FROM pg_temp.filing_figure c
          JOIN filing_sheet s ON s.id = c.sheet_id) w
    JOIN filing_form f ON f.id = w.form_id JOIN indicators_indicator i ON i.id = w.indicator_id
    WHERE NOT jsonb_path_exists(f.definition, '$.sections[*].items[*].indicator ? (@ == $code)',
                                jsonb_build_object('code', i.code)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'form % does not ask for %', wrong.form, wrong.code USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF of_kind = 'correction' AND EXISTS (
      SELECT FROM pg_temp.filing_figure c WHERE NOT EXISTS (
        SELECT FROM filing_correctioncell k
        WHERE k.correction_id = filing_newest_correction(c.sheet_id) AND k.organisation_id = c.organisation_id
          AND k.indicator_id = c.indicator_id AND k.new = c.value AND k.mark = c.mark
          AND k.old IS NOT DISTINCT FROM c.stands)) THEN
    RAISE EXCEPTION 'a figure that is not in the correction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- what stands already: the same figure with the same mark, or a locked one with the same figure; nothing, taken back
  DELETE FROM pg_temp.filing_figure c
    WHERE (c.value IS NULL AND c.stands IS NULL)
       OR (c.value = c.stands AND (c.mark = c.stands_mark OR c.stands_state = 5));
  IF of_kind = 'sheet' THEN
    SELECT o.code, i.code AS indicator INTO wrong
      FROM pg_temp.filing_figure c JOIN parties_organisation o ON o.id = c.organisation_id
      JOIN indicators_indicator i ON i.id = c.indicator_id WHERE c.stands_state = 5 LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'a locked figure is not filed over' USING ERRCODE = 'restrict_violation',
        DETAIL = wrong.code || ' ' || wrong.indicator, CONSTRAINT = 'a_locked_fact_needs_a_correction';
    END IF;
  END IF;
  WITH made AS (
    INSERT INTO filing_batch (kind, source, reason, key, recorded_at, recorded_by_id, facts_count, takes_back)
    SELECT of_kind, a.source, why, a.key, at, by_user, count(c.value),
           coalesce(array_agg(DISTINCT c.stands_batch) FILTER (WHERE c.value IS NULL), '{}')
    FROM pg_temp.filing_act a JOIN pg_temp.filing_figure c ON c.sheet_id = a.sheet_id
    GROUP BY a.sheet_id, a.source, a.key
    RETURNING id, key)
  UPDATE pg_temp.filing_act a SET batch_id = made.id FROM made WHERE made.key = a.key;
  PERFORM filing_supersede();
  INSERT INTO filing_fact (indicator_id, scenario_id, organisation_id, period, batch_id, value, state, mark, entered)
    SELECT c.indicator_id, c.scenario_id, c.organisation_id, c.period, a.batch_id, c.value,
           CASE of_kind WHEN 'correction' THEN coalesce(c.stands_state, a.state) ELSE 1 END, c.mark, nullif(c.entered, '')
    FROM pg_temp.filing_figure c JOIN pg_temp.filing_act a ON a.sheet_id = c.sheet_id WHERE c.value IS NOT NULL;
  PERFORM filing_refuse_overlaps();
  RETURN QUERY
    SELECT a.sheet_id, a.batch_id, count(c.value) FILTER (WHERE c.stands IS NULL)::integer,
           count(c.value) FILTER (WHERE c.stands IS NOT NULL)::integer,
           count(c.stands) FILTER (WHERE c.value IS NULL)::integer
    FROM pg_temp.filing_act a LEFT JOIN pg_temp.filing_figure c ON c.sheet_id = a.sheet_id
    GROUP BY a.sheet_id, a.batch_id;
END $$;

-- The correction of a sheet that came into force last.
CREATE OR REPLACE FUNCTION filing_newest_correction(of_sheet bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT id FROM filing_correction WHERE sheet_id = of_sheet AND status = 'applied' ORDER BY number DESC LIMIT 1
$$;

-- Parts of filing_record. They go through the index for each figure, whatever the statistics of tables that have just
-- grown make the planner believe.

CREATE OR REPLACE FUNCTION filing_supersede() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_mergejoin = off SET enable_hashjoin = off
SET enable_seqscan = off AS $$
BEGIN
  UPDATE filing_fact f SET superseded_by_id = a.batch_id
    FROM pg_temp.filing_figure c JOIN pg_temp.filing_act a ON a.sheet_id = c.sheet_id
    WHERE c.stands IS NOT NULL AND f.superseded_by_id IS NULL AND f.indicator_id = c.indicator_id
      AND f.scenario_id = c.scenario_id AND f.organisation_id = c.organisation_id AND f.period = c.period;
END $$;

-- Whether somebody above or below those who file has any fact at all of what they file: hardly ever.
CREATE OR REPLACE FUNCTION filing_relatives_file() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_mergejoin = off SET enable_hashjoin = off
SET enable_seqscan = off AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM (
      SELECT m.ancestor_id AS id FROM (SELECT DISTINCT organisation_id, days FROM pg_temp.filing_figure) c
      JOIN parties_membership m ON m.organisation_id = c.organisation_id AND m.depth > 0 AND m.valid && c.days
      UNION
      SELECT m.organisation_id FROM (SELECT DISTINCT organisation_id, days FROM pg_temp.filing_figure) c
      JOIN parties_membership m ON m.ancestor_id = c.organisation_id AND m.depth > 0 AND m.valid && c.days) r
    CROSS JOIN (SELECT DISTINCT indicator_id, scenario_id FROM pg_temp.filing_figure WHERE stands IS NULL) k
    CROSS JOIN LATERAL (
      SELECT f.period FROM filing_fact f WHERE f.superseded_by_id IS NULL AND f.indicator_id = k.indicator_id
        AND f.scenario_id = k.scenario_id AND f.organisation_id = r.id LIMIT 1) f);
END $$;

-- The facts just recorded must count once: nobody above or below has one for the same indicator, period and scenario.
CREATE OR REPLACE FUNCTION filing_refuse_overlaps() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE wrong record;
BEGIN
  IF NOT filing_relatives_file() THEN
    RETURN;
  END IF;
  SELECT r.lower_id, r.upper_id, c.indicator_id INTO wrong
    FROM (
      SELECT c.organisation_id, c.days, m.ancestor_id AS upper_id, m.organisation_id AS lower_id,
             m.ancestor_id AS other_id
      FROM (SELECT DISTINCT organisation_id, days FROM pg_temp.filing_figure) c
      JOIN parties_membership m ON m.organisation_id = c.organisation_id AND m.depth > 0 AND m.valid && c.days
      UNION ALL
      SELECT c.organisation_id, c.days, m.ancestor_id, m.organisation_id, m.organisation_id
      FROM (SELECT DISTINCT organisation_id, days FROM pg_temp.filing_figure) c
      JOIN parties_membership m ON m.ancestor_id = c.organisation_id AND m.depth > 0 AND m.valid && c.days) r
    JOIN pg_temp.filing_figure c ON c.organisation_id = r.organisation_id AND c.days = r.days
      AND c.value IS NOT NULL AND c.stands IS NULL
    CROSS JOIN LATERAL (
      SELECT f.period FROM filing_fact f
      WHERE f.superseded_by_id IS NULL AND f.indicator_id = c.indicator_id AND f.scenario_id = c.scenario_id
        AND f.organisation_id = r.other_id AND f.period = c.period
      LIMIT 1) f
    LIMIT 1;
  IF FOUND THEN  -- names are looked up of the one that was found: the planner would join them to all before
    SELECT low.code AS lower, high.code AS upper, i.code AS indicator INTO wrong
      FROM parties_organisation low, parties_organisation high, indicators_indicator i
      WHERE low.id = wrong.lower_id AND high.id = wrong.upper_id AND i.id = wrong.indicator_id;
    RAISE EXCEPTION 'a fact would count twice' USING ERRCODE = 'restrict_violation',
      DETAIL = wrong.lower || ' ' || wrong.upper || ' ' || wrong.indicator, CONSTRAINT = 'a_fact_counts_once';
  END IF;
END $$;

-- Bring the facts of sheets to the state of their sheets, which are under submission, approved or locked. Locked facts
-- stay locked. The log names the batches when the transaction commits: see filing_log_raise. The number of facts.
CREATE OR REPLACE FUNCTION filing_raise(of_sheets bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  may bytea := CASE WHEN access_is_web() THEN access_bits('change_figures') END;
BEGIN
  IF EXISTS (SELECT FROM filing_sheet s WHERE s.id = ANY(of_sheets) AND (
      s.state = 0 OR (may IS NOT NULL AND get_bit(may, s.organisation_id) = 0)
      OR s.state > 1 AND s.status NOT IN ('submitted', 'approved', 'locked')
      OR s.state = 5 AND s.status <> 'locked')) THEN
    RAISE EXCEPTION 'a sheet is outside the scope, or its state does not fit its stage'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN filing_raise_facts(of_sheets);
END $$;

CREATE OR REPLACE FUNCTION filing_raise_facts(of_sheets bigint[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_mergejoin = off SET enable_hashjoin = off
SET enable_seqscan = off AS $$
DECLARE raised bigint;
BEGIN
  UPDATE filing_fact f SET state = r.state
    FROM (SELECT DISTINCT v.batch_id, s.state FROM filing_revision v JOIN filing_sheet s ON s.id = v.sheet_id
          WHERE v.sheet_id = ANY(of_sheets) AND v.batch_id IS NOT NULL) r
    WHERE f.batch_id = r.batch_id AND f.superseded_by_id IS NULL AND f.state <> r.state AND f.state < 5;
  GET DIAGNOSTICS raised = ROW_COUNT;
  RETURN raised;
END $$;

CREATE OR REPLACE FUNCTION filing_log_raise() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE batches bigint[];
BEGIN
  SELECT array_agg(DISTINCT v.batch_id) INTO batches FROM filing_revision v
    WHERE v.sheet_id = NEW.id AND EXISTS (
      SELECT FROM filing_fact f WHERE f.batch_id = v.batch_id AND f.superseded_by_id IS NULL);
  IF batches IS NOT NULL THEN
    PERFORM filing_append(batches);
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS log_raise ON filing_sheet;
CREATE CONSTRAINT TRIGGER log_raise AFTER UPDATE OF state ON filing_sheet
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state > 0 AND NEW.state <> OLD.state)
  EXECUTE FUNCTION filing_log_raise();

-- What the web role writes of sheets and corrections is held against their cases when it commits: nobody approves, returns
-- or locks a sheet, or puts a correction in force, by writing that it is so.
CREATE OR REPLACE FUNCTION filing_check_stage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE fits boolean;
BEGIN
  IF NOT access_is_web() THEN
    RETURN NULL;
  END IF;
  SELECT CASE s.status
           WHEN 'open' THEN coalesce(c.state, 'withdrawn') = 'withdrawn' AND s.state <= 1
           WHEN 'submitted' THEN c.state = 'open'
           WHEN 'returned' THEN c.state = 'returned' AND s.state <= 1
           WHEN 'approved' THEN c.state = 'approved'
           ELSE c.state = 'approved' AND s.state = 5 END
         AND (s.status = 'locked'
              OR s.state <= CASE c.stage WHEN 'plant' THEN 2 WHEN 'region' THEN 3 WHEN 'group' THEN 4 ELSE 1 END)
    INTO fits
    FROM filing_sheet s LEFT JOIN LATERAL (
      SELECT k.state, k.stage FROM approvals_case k WHERE k.kind = 'filing.sheet' AND k.subject_id = s.id
      ORDER BY k.id DESC LIMIT 1) c ON true
    WHERE s.id = NEW.id;
  IF fits IS NOT TRUE AND EXISTS (SELECT FROM filing_sheet WHERE id = NEW.id) THEN
    RAISE EXCEPTION 'a sheet is not at the stage of its case' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS check_stage ON filing_sheet;
CREATE CONSTRAINT TRIGGER check_stage AFTER UPDATE OF status, state ON filing_sheet
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.status <> OLD.status OR NEW.state <> OLD.state) EXECUTE FUNCTION filing_check_stage();
DROP TRIGGER IF EXISTS check_first_stage ON filing_sheet;
CREATE CONSTRAINT TRIGGER check_first_stage AFTER INSERT ON filing_sheet
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.status <> 'open' OR NEW.state <> 0) EXECUTE FUNCTION filing_check_stage();

CREATE OR REPLACE FUNCTION filing_check_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() AND (
      SELECT k.state FROM approvals_case k WHERE k.kind = 'filing.correction' AND k.subject_id = NEW.id
      ORDER BY k.id DESC LIMIT 1) IS DISTINCT FROM 'approved' THEN
    RAISE EXCEPTION 'a correction in force that nobody approved' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS check_correction ON filing_correction;
CREATE CONSTRAINT TRIGGER check_correction AFTER INSERT OR UPDATE ON filing_correction
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'applied') EXECUTE FUNCTION filing_check_correction();

-- What a correction says is settled while others decide, and afterwards.
CREATE OR REPLACE FUNCTION filing_keep_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE stage text;
BEGIN
  IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN
    RETURN NEW;  -- written with more decimals, the same figure (filing_rescale)
  END IF;
  SELECT status INTO stage FROM filing_correction
    WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.correction_id ELSE NEW.correction_id END FOR SHARE;
  IF access_is_web() AND stage NOT IN ('open', 'returned') THEN
    RAISE EXCEPTION 'a correction changes only while it is filled in' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE TRIGGER keep_correction BEFORE INSERT OR UPDATE OR DELETE ON filing_correctioncell
  FOR EACH ROW EXECUTE FUNCTION filing_keep_correction();

-- A revision names a batch of its own sheet: raising the one raises the other's figures.
CREATE OR REPLACE FUNCTION filing_check_revision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF access_is_web() AND NEW.batch_id IS NOT NULL AND EXISTS (
      SELECT FROM (SELECT DISTINCT organisation_id, period FROM filing_fact WHERE batch_id = NEW.batch_id) f
      JOIN filing_sheet s ON s.id = NEW.sheet_id
      WHERE f.period <> s.period OR NOT EXISTS (
        SELECT FROM parties_membership m
        WHERE m.ancestor_id = s.organisation_id AND m.organisation_id = f.organisation_id)) THEN
    RAISE EXCEPTION 'a revision of figures of another sheet' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER check_revision BEFORE INSERT ON filing_revision
  FOR EACH ROW EXECUTE FUNCTION filing_check_revision();

-- Nobody speaks in another's name.
CREATE OR REPLACE FUNCTION filing_check_speaker() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM access_require_oneself((to_jsonb(NEW) ->> TG_ARGV[0])::bigint);
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER check_speaker BEFORE INSERT ON filing_explanation
  FOR EACH ROW EXECUTE FUNCTION filing_check_speaker('said_by_id');
CREATE OR REPLACE TRIGGER check_speaker BEFORE INSERT ON filing_remark
  FOR EACH ROW EXECUTE FUNCTION filing_check_speaker('said_by_id');
CREATE OR REPLACE TRIGGER check_speaker BEFORE INSERT ON filing_sheetevent
  FOR EACH ROW EXECUTE FUNCTION filing_check_speaker('by_id');

-- Who can be called about figures: people with one of some roles at just these organisations. Of organisations in the
-- asker's present scope alone; other accounts are not the asker's to read.
CREATE OR REPLACE FUNCTION filing_people(at bigint[], with_roles bigint[], on_day date)
RETURNS TABLE (organisation_id bigint, user_id bigint, name text, phone text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE seen bytea := CASE WHEN access_is_web() THEN access_bits('view_figures') END;
BEGIN
  RETURN QUERY
    SELECT DISTINCT a.organisation_id, u.id, u.name::text, u.phone::text
    FROM access_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
    WHERE a.organisation_id = ANY(at) AND a.role_id = ANY(with_roles) AND a.reach <> 'self'
      AND a.valid_from <= on_day AND (a.valid_to IS NULL OR a.valid_to > on_day)
      AND (seen IS NULL OR get_bit(seen, a.organisation_id) = 1);
END $$;

GRANT EXECUTE ON FUNCTION
  filing_record(bigint[], text[], text, text, bigint, timestamptz, bigint[], bigint[], bigint[], bigint[], smallint[],
                text[]),
  filing_raise(bigint[]), filing_people(bigint[], bigint[], date)
  TO gangmu_web, gangmu_system;

-- Closed months 关账. Closing and reopening make a batch without facts, so that the log says when, and the cube folds them in
-- the order of commits. What has been said of a month stays: a row is reopened once, and nothing else of it changes.

CREATE OR REPLACE FUNCTION filing_log_closing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.reopened_at IS NOT NULL OR NEW.reopened_at IS NULL
      OR (NEW.indicator_id, NEW.organisation_id, NEW.month, NEW.closed_at, NEW.reason)
        <> (OLD.indicator_id, OLD.organisation_id, OLD.month, OLD.closed_at, OLD.reason)
      OR NEW.closed_by_id IS DISTINCT FROM OLD.closed_by_id) THEN
    RAISE EXCEPTION 'what was said of a closed month stays' USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM access_require_oneself(CASE TG_OP WHEN 'INSERT' THEN NEW.closed_by_id ELSE NEW.reopened_by_id END);
  INSERT INTO filing_batch (kind, source, reason, key, recorded_at, recorded_by_id, facts_count)
    VALUES ('closing', (CASE TG_OP WHEN 'INSERT' THEN 'closed ' ELSE 'reopened ' END) || NEW.id,
            CASE TG_OP WHEN 'INSERT' THEN NEW.reason ELSE NEW.reopening_reason END,
            encode(sha256(convert_to('closing ' || TG_OP || NEW.id || gen_random_uuid(), 'UTF8')), 'hex'),
            CASE TG_OP WHEN 'INSERT' THEN NEW.closed_at ELSE NEW.reopened_at END,
            CASE TG_OP WHEN 'INSERT' THEN NEW.closed_by_id ELSE NEW.reopened_by_id END, 0);
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER log_closing AFTER INSERT OR UPDATE ON filing_monthclosing
  FOR EACH ROW EXECUTE FUNCTION filing_log_closing();
CREATE OR REPLACE FUNCTION filing_keep_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was said of a closed month stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER keep_closing BEFORE DELETE ON filing_monthclosing
  FOR EACH ROW EXECUTE FUNCTION filing_keep_closing();

-- The last day of a month on which an organisation stood in the tree: by it a monthly figure belongs.
CREATE OR REPLACE FUNCTION filing_last_day(of_organisation bigint, of_month date) RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT max(least(upper(m.valid), (of_month + interval '1 month')::date)) - 1 FROM parties_membership m
  WHERE m.organisation_id = of_organisation AND m.depth = 0
    AND m.valid && daterange(of_month, (of_month + interval '1 month')::date)
$$;

-- Where a month is closed for an organisation, at itself or above it, the highest first.
CREATE OR REPLACE FUNCTION filing_closings(of_indicator bigint, of_organisation bigint, of_month date)
RETURNS TABLE (id bigint, closed_at text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF access_is_web() AND get_bit(access_bits('view_figures'), of_organisation) = 0 THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT c.id, o.code::text FROM filing_monthclosing c
    JOIN parties_membership m ON m.ancestor_id = c.organisation_id AND m.organisation_id = of_organisation
      AND m.valid @> public.filing_last_day(of_organisation, c.month)
    JOIN parties_organisation o ON o.id = c.organisation_id
    WHERE c.indicator_id = of_indicator AND c.month = of_month AND c.reopened_at IS NULL
    ORDER BY m.depth DESC;
END $$;

-- Of a month, the settled values at and below an organisation, and whatever is not locked of them or of the days.
CREATE OR REPLACE FUNCTION filing_month_figures(daily bigint, settled bigint, at bigint, of_month date)
RETURNS TABLE (organisation text, indicator text, period date, state smallint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE after date := (of_month + interval '1 month')::date;
BEGIN
  IF access_is_web() AND get_bit(access_bits('change_figures'), at) = 0 THEN
    RAISE EXCEPTION 'an organisation is outside the scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    SELECT o.code::text, i.code::text, f.period, f.state
    FROM (SELECT DISTINCT organisation_id FROM parties_membership
          WHERE ancestor_id = at AND valid && daterange(of_month, after)) m
    JOIN filing_fact f ON f.organisation_id = m.organisation_id AND f.superseded_by_id IS NULL
      AND f.indicator_id IN (daily, settled) AND f.period >= of_month AND f.period < after
      AND f.scenario_id = (SELECT id FROM filing_scenario WHERE code = 'actual')
    JOIN indicators_indicator i ON i.id = f.indicator_id
    JOIN parties_organisation o ON o.id = f.organisation_id
    WHERE f.state < 5 OR i.id = settled
    ORDER BY f.state, o.code, i.code, f.period;
END $$;
GRANT EXECUTE ON FUNCTION filing_closings(bigint, bigint, date), filing_month_figures(bigint, bigint, bigint, date)
  TO gangmu_web, gangmu_system;
GRANT EXECUTE ON FUNCTION filing_last_day(bigint, date) TO gangmu_system;

-- More decimals than an indicator ever had: all that is stored of it is multiplied, as it stands, by the same power of ten.
-- No figure changes by that, so closed months stay closed and what was decided on stays decided on. A batch without facts
-- tells the cube, which makes the indicator's arrays anew. Fewer decimals rewrite nothing, and take none from a figure.
CREATE OR REPLACE FUNCTION filing_rescale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  factor bigint := (10 ^ abs(NEW.scale - OLD.scale))::bigint;
  most bigint := 1000000000000000;  -- LARGEST_SCALED_VALUE
  wrong record;
BEGIN
  -- Whoever has read decimals to write figures with them comes before this or after it.
  PERFORM pg_advisory_xact_lock(7411003);
  LOCK TABLE filing_sheet IN EXCLUSIVE MODE;
  PERFORM pg_advisory_xact_lock(7411002);  -- as every writer of facts
  IF NEW.scale < OLD.scale THEN
    IF EXISTS (SELECT FROM filing_fact WHERE indicator_id = NEW.id)
       OR EXISTS (SELECT FROM filing_cell WHERE indicator_id = NEW.id AND value IS NOT NULL)
       OR EXISTS (SELECT FROM filing_received WHERE indicator_id = NEW.id) THEN
      RAISE check_violation USING MESSAGE = 'figures of this indicator have more decimals; they are kept';
    END IF;
    RETURN NULL;
  END IF;
  SELECT o.code, f.period, f.value INTO wrong FROM (
      SELECT organisation_id, period, value FROM filing_fact WHERE indicator_id = NEW.id AND abs(value) > most / factor
      UNION ALL SELECT c.organisation_id, s.period, c.value FROM filing_cell c JOIN filing_sheet s ON s.id = c.sheet_id
        WHERE c.indicator_id = NEW.id AND abs(c.value) > most / factor
      UNION ALL SELECT organisation_id, period, value FROM filing_received
        WHERE indicator_id = NEW.id AND abs(value) > most / factor
      UNION ALL SELECT k.organisation_id, s.period, k.new FROM filing_correctioncell k
        JOIN filing_correction c ON c.id = k.correction_id JOIN filing_sheet s ON s.id = c.sheet_id
        WHERE k.indicator_id = NEW.id AND greatest(abs(k.old), abs(k.new)) > most / factor) f
    JOIN parties_organisation o ON o.id = f.organisation_id LIMIT 1;
  IF FOUND THEN
    RAISE check_violation USING MESSAGE = 'a figure is too large for so many decimals',
      CONSTRAINT = 'figures_fit_with_more_decimals',
      DETAIL = concat_ws(' ', wrong.code, wrong.period, round(wrong.value / 10::numeric ^ OLD.scale, OLD.scale::integer));
  END IF;
  UPDATE filing_cell SET value = value * factor WHERE indicator_id = NEW.id AND value <> 0;
  UPDATE filing_received SET value = value * factor WHERE indicator_id = NEW.id AND value <> 0;
  UPDATE filing_correctioncell k SET old = k.old * factor, new = k.new * factor WHERE k.indicator_id = NEW.id;
  IF EXISTS (SELECT FROM filing_fact WHERE indicator_id = NEW.id) THEN
    ALTER TABLE filing_fact DISABLE TRIGGER USER;
    UPDATE filing_fact SET value = value * factor WHERE indicator_id = NEW.id AND value <> 0;
    ALTER TABLE filing_fact ENABLE TRIGGER USER;
    INSERT INTO filing_batch (kind, source, reason, key, recorded_at, facts_count)
      VALUES ('rescaling', NEW.code || ' ' || OLD.scale || ' ' || NEW.scale, '',
              encode(sha256(convert_to('rescaling ' || NEW.id || gen_random_uuid(), 'UTF8')), 'hex'),
              access_now(), 0);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER rescale AFTER UPDATE ON indicators_indicator
  FOR EACH ROW WHEN (NEW.scale <> OLD.scale) EXECUTE FUNCTION filing_rescale();
