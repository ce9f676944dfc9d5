-- Curves 96点曲线 stand in the batches of the facts' log. What the facts' triggers see to is seen to here of curves without
-- daily figures, which miss a point.

-- The daily indicators of a curve: its own, and those that its day comes to besides.
CREATE OR REPLACE FUNCTION curves_daily(of_curve bigint) RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT array_remove(ARRAY[indicator_id, energy_id, highest_id, lowest_id, mean_id], NULL)
  FROM curves_curve WHERE indicator_id = of_curve
$$;
GRANT EXECUTE ON FUNCTION curves_daily(bigint) TO gangmu_system;

-- Closed months 关账 stand still for points as for days.
CREATE OR REPLACE FUNCTION curves_keep_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE closed record;
BEGIN
  SELECT o.code AS organisation, i.code AS indicator, c.month, x.code AS closed_at INTO closed
    FROM added a JOIN filing_scenario s ON s.id = a.scenario_id AND s.code = 'actual'
    JOIN filing_monthclosing c ON c.indicator_id = ANY(public.curves_daily(a.indicator_id)) AND c.reopened_at IS NULL
      AND c.month = date_trunc('month', a.day)::date
    JOIN parties_membership m ON m.ancestor_id = c.organisation_id AND m.organisation_id = a.organisation_id
      AND m.valid && daterange(c.month, (c.month + interval '1 month')::date)
    JOIN indicators_indicator i ON i.id = c.indicator_id
    JOIN parties_organisation o ON o.id = a.organisation_id
    JOIN parties_organisation x ON x.id = c.organisation_id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a closed month stands still' USING ERRCODE = 'restrict_violation',
      DETAIL = concat_ws(' ', closed.organisation, closed.indicator, to_char(closed.month, 'YYYY-MM'), closed.closed_at),
      CONSTRAINT = 'a_closed_month_stands_still';
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS keep_closed ON curves_curveday;
CREATE TRIGGER keep_closed AFTER INSERT ON curves_curveday REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION curves_keep_closed();

-- Points are numbers of one unit and so many decimals: neither changes while there are any.
CREATE OR REPLACE FUNCTION curves_keep_unit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM curves_curveday WHERE indicator_id = OLD.indicator_id) THEN
    RAISE EXCEPTION 'curves stand in another unit' USING ERRCODE = 'restrict_violation',
      CONSTRAINT = 'curves_keep_their_unit';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keep_unit BEFORE UPDATE OF unit, precision ON curves_curve
  FOR EACH ROW WHEN (OLD.unit <> NEW.unit OR OLD.precision <> NEW.precision) EXECUTE FUNCTION curves_keep_unit();

-- Days with a curve stay days on which the organisation stood. Told as facts are.
CREATE OR REPLACE FUNCTION curves_keep_days() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE code text; first date;
BEGIN
  SELECT min(d.day) INTO first FROM curves_curveday d
  WHERE d.organisation_id = OLD.organisation_id AND d.superseded_by_id IS NULL
    AND NOT EXISTS (SELECT FROM parties_membership m
                    WHERE m.organisation_id = d.organisation_id AND m.depth = 0 AND m.valid @> d.day);
  IF first IS NOT NULL THEN
    SELECT o.code INTO code FROM parties_organisation o WHERE o.id = OLD.organisation_id;
    RAISE EXCEPTION 'curves of % on % would have no organisation', code, first
      USING ERRCODE = 'restrict_violation', DETAIL = code || ' ' || first, CONSTRAINT = 'facts_keep_their_days';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS curves_keep_their_days ON parties_membership;
CREATE CONSTRAINT TRIGGER curves_keep_their_days AFTER UPDATE OR DELETE ON parties_membership
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.depth = 0) EXECUTE FUNCTION curves_keep_days();

-- Who recorded the revisions of a curve, when, from what and why. Of an organisation in the asker's present scope alone: what
-- was done later may speak of what is not a former branch's own.
CREATE OR REPLACE FUNCTION curves_history(of_curve bigint, of_scenario text, of_organisation bigint, of_day date)
RETURNS TABLE (batch_id bigint, kind text, source text, reason text, recorded_at timestamptz, recorded_by text,
               points bigint[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF access_is_web() AND get_bit(access_bits('view_figures'), of_organisation) = 0 THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT b.id, b.kind::text, b.source::text, b.reason, b.recorded_at, u.name::text, d.points
    FROM curves_curveday d JOIN filing_scenario s ON s.id = d.scenario_id AND s.code = of_scenario
    JOIN filing_batch b ON b.id = d.batch_id LEFT JOIN accounts_user u ON u.id = b.recorded_by_id
    WHERE d.indicator_id = of_curve AND d.organisation_id = of_organisation AND d.day = of_day
    ORDER BY b.recorded_at DESC, b.id DESC;
END $$;
GRANT EXECUTE ON FUNCTION curves_history(bigint, text, bigint, date) TO gangmu_web, gangmu_system;

-- Of some organisations, the days on which somebody above them has the curve that is theirs: then theirs are not expected. Of
-- what the asker may see; who it is is not told.
CREATE OR REPLACE FUNCTION curves_covered(of_curve bigint, of_scenario text, organisations bigint[], days date[])
RETURNS TABLE (organisation_id bigint, day date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE seen bytea := CASE WHEN access_is_web() THEN access_bits('view_figures') END;
BEGIN
  RETURN QUERY
    SELECT DISTINCT m.organisation_id, d.day
    FROM curves_curveday d JOIN filing_scenario s ON s.id = d.scenario_id AND s.code = of_scenario
    JOIN parties_membership m ON m.ancestor_id = d.organisation_id AND m.depth > 0 AND m.valid @> d.day
    WHERE d.indicator_id = of_curve AND d.superseded_by_id IS NULL AND d.day = ANY(days)
      AND m.organisation_id = ANY(organisations)
      AND (seen IS NULL OR get_bit(seen, m.organisation_id) = 1
           OR access_was_own('figures', m.organisation_id, daterange(d.day, d.day, '[]')));
END $$;
GRANT EXECUTE ON FUNCTION curves_covered(bigint, text, bigint[], date[]) TO gangmu_web, gangmu_system;
