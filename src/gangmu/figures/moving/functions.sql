-- What facts say against a change of the tree: counts and days, of organisations whose structure or parameters whoever has
-- signed in may change. Values are told to nobody here. Installed after every migration; idempotent.

-- Of facts of what happened, whose period ends on a day or later: how many the group has approved or locked, of how many
-- organisations, and the last day. Such facts move from one approved total to another.
CREATE OR REPLACE FUNCTION moving_approved(of bigint[], since date)
RETURNS TABLE (facts bigint, organisations bigint, last date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT coalesce(sum(found.count), 0)::bigint, count(*) FILTER (WHERE found.count > 0), max(found.last)
    FROM unnest(moving_own(of)) AS one (id)
    CROSS JOIN LATERAL (
      SELECT sum(f.count) AS count, max(f.last) AS last
      FROM indicators_indicator i CROSS JOIN LATERAL (
        SELECT count(*) AS count,
               max(CASE WHEN i.grain = 'month' THEN (f.period + interval '1 month')::date - 1 ELSE f.period END) AS last
        FROM filing_fact f
        WHERE f.indicator_id = i.id AND f.scenario_id = (SELECT s.id FROM filing_scenario s WHERE s.code = 'actual')
          AND f.organisation_id = one.id AND f.superseded_by_id IS NULL AND f.state >= 4
          AND f.period >= CASE WHEN i.grain = 'month' THEN date_trunc('month', since)::date ELSE since END) f
      WHERE i.formula = '') found;
END $$;

-- Facts that would count twice: filed at one organisation and at another that would stand above it on such a day.
CREATE OR REPLACE FUNCTION moving_twice(lower bigint[], upper bigint[], during daterange[])
RETURNS TABLE (lower_id bigint, upper_id bigint, indicator text, first date, facts bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE own bigint[] := moving_own(lower);
BEGIN
  RETURN QUERY
    WITH pair AS MATERIALIZED (
      SELECT p.low, p.high, p.days FROM unnest(lower, upper, during) AS p (low, high, days) WHERE p.low = ANY (own)
    ), above AS MATERIALIZED (
      SELECT h.high, f.indicator_id, f.scenario_id, f.period,
             CASE WHEN i.grain = 'month' THEN daterange(f.period, (f.period + interval '1 month')::date)
                  ELSE daterange(f.period, f.period, '[]') END AS days
      FROM (SELECT DISTINCT high FROM pair) h CROSS JOIN indicators_indicator i CROSS JOIN filing_scenario s
      CROSS JOIN LATERAL (
        SELECT * FROM filing_fact f
        WHERE f.indicator_id = i.id AND f.scenario_id = s.id AND f.organisation_id = h.high AND f.superseded_by_id IS NULL
        OFFSET 0) f
      WHERE i.formula = ''
    )
    SELECT pair.low, pair.high, i.code::text, min(g.period), count(*)
    FROM pair JOIN above ON above.high = pair.high AND above.days && pair.days
    JOIN filing_fact g ON (g.indicator_id, g.scenario_id, g.organisation_id, g.period)
      = (above.indicator_id, above.scenario_id, pair.low, above.period) AND g.superseded_by_id IS NULL
    JOIN indicators_indicator i ON i.id = above.indicator_id
    GROUP BY 1, 2, 3 ORDER BY 4, 1 LIMIT 20;
END $$;

-- How much else of figures is kept at organisations that move, and at those above them: sheets that are not locked, duties
-- to file, published rankings, issued editions of days from the change on. How many; what is in them row security decides.
CREATE OR REPLACE FUNCTION moving_affected(of bigint[], above bigint[], since date)
RETURNS TABLE (sheets bigint, duties bigint, publications bigint, editions bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  own bigint[] := moving_own(of);
  whole bigint[] := own || moving_own(above);
  days daterange := daterange(since, NULL);
BEGIN
  RETURN QUERY SELECT
    (SELECT count(*) FROM filing_sheet s WHERE s.organisation_id = ANY (own) AND s.status IN ('open', 'submitted', 'returned')),
    (SELECT count(*) FROM filing_duty d
     WHERE (d.organisation_id = ANY (own) OR d.filer_id = ANY (own)) AND d.valid && days),
    (SELECT count(*) FROM publications_publication p
     WHERE p.valid && days AND (p.organisation_id = ANY (whole) OR EXISTS (
       SELECT FROM publications_grant g WHERE g.publication_id = p.id AND g.organisation_id = ANY (whole)))),
    (SELECT count(*) FROM reports_edition e WHERE e.organisation_id = ANY (whole) AND e.last_day >= since);
END $$;

-- Those of some organisations that are the asker's to change; of whoever is not the web role, all.
CREATE OR REPLACE FUNCTION moving_own(of bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE structure bigint[] := parties_permitted('structure');
BEGIN
  IF structure IS NULL THEN
    RETURN of;
  END IF;
  RETURN ARRAY(SELECT o FROM unnest(of) AS o INTERSECT SELECT p FROM unnest(structure || parties_permitted('parameters')) AS p);
END $$;

GRANT EXECUTE ON FUNCTION moving_approved(bigint[], date), moving_twice(bigint[], bigint[], daterange[]),
  moving_affected(bigint[], bigint[], date)
  TO gangmu_web, gangmu_system;
