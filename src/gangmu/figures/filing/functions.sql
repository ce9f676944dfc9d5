-- The log that the cube folds. The trigger on batches is deferred to the end of the transaction and draws the
-- number under a lock that is held until the commit is visible: order of numbers = order of commits.

CREATE OR REPLACE FUNCTION filing_log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7411001);
  INSERT INTO filing_change (id, batch_id)
    VALUES ((SELECT coalesce(max(id), 0) + 1 FROM filing_change), NEW.id);
  PERFORM pg_notify('gangmu_facts', '');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION filing_log_head() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(max(id), 0) FROM filing_change
$$;
GRANT EXECUTE ON FUNCTION filing_log_head() TO gangmu_web, gangmu_system;

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
    FROM unnest(roots, days) AS w (root_id, day)
    JOIN parties_membership m ON m.ancestor_id = w.root_id AND m.valid @> w.day AND m.depth <= deepest
    JOIN parties_organisation o ON o.id = m.organisation_id
    LEFT JOIN parties_membership above
      ON above.organisation_id = o.id AND above.depth = 1 AND above.valid @> w.day
    CROSS JOIN LATERAL (
      SELECT jsonb_object_agg(nearest.name, nearest.value) AS attributes FROM (
        SELECT DISTINCT ON (a.name) a.name, a.value
        FROM parties_membership up JOIN parties_attributevalue a ON a.organisation_id = up.ancestor_id
        WHERE up.organisation_id = o.id AND up.valid @> w.day AND a.valid @> w.day AND a.name = ANY(names)
          AND (up.depth = 0 OR a.name = ANY(inherited))
        ORDER BY a.name, up.depth) nearest) held
    WHERE (m.depth = 0 OR o.kind = ANY(of_kinds)) AND (seen IS NULL OR get_bit(seen, w.root_id) = 1);
END $$;
GRANT EXECUTE ON FUNCTION filing_rows(bigint[], date[], integer, text[], text[], text[]) TO gangmu_web, gangmu_system;
