-- Who loses sight of organisations by a change, and who gains it: people with a role for a whole branch at those that no
-- longer stand above, and at those that then will. Told to whoever may change the structure there, of these alone.
CREATE OR REPLACE FUNCTION organisations_sight(lost bigint[], gained bigint[], kept bigint[], on_day date)
RETURNS TABLE (organisation_id bigint, gains boolean, user_id bigint, name text, role_zh text, role_en text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE own bigint[] := parties_permitted('structure');
BEGIN
  RETURN QUERY
    SELECT a.organisation_id, change.gains, u.id, u.name::text, r.name_zh::text, r.name_en::text
    FROM (SELECT unnest(lost) AS at, false AS gains UNION ALL SELECT unnest(gained), true) change
    JOIN access_assignment a ON a.organisation_id = change.at AND a.reach = 'branch'
      AND (a.valid_to IS NULL OR a.valid_to > on_day)
    JOIN access_role r ON r.id = a.role_id
    JOIN accounts_user u ON u.id = a.user_id AND u.is_active
    WHERE (own IS NULL OR change.at = ANY (own)) AND NOT EXISTS (
      SELECT FROM access_assignment other
      WHERE other.user_id = u.id AND other.role_id = a.role_id AND other.reach = 'branch'
        AND other.organisation_id = ANY (kept) AND (other.valid_to IS NULL OR other.valid_to > on_day))
    ORDER BY change.gains, u.name, a.organisation_id LIMIT 500;
END $$;
-- How many cases are in progress at organisations that move, and how many of them are still to be decided by people of
-- organisations that will no longer stand above.
CREATE OR REPLACE FUNCTION organisations_cases(of bigint[], lost bigint[]) RETURNS TABLE (cases bigint, stranded bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE own bigint[] := parties_permitted('structure');
BEGIN
  RETURN QUERY
    SELECT count(*), count(*) FILTER (WHERE EXISTS (
      SELECT FROM jsonb_array_elements(c.path) WITH ORDINALITY AS node (value, place)
      WHERE place > coalesce(c.step, 0) AND coalesce(value ->> 'skipped', '') = ''
        AND (value ->> 'at')::bigint = ANY (lost)))
    FROM approvals_case c
    WHERE c.organisation_id = ANY (of) AND (own IS NULL OR c.organisation_id = ANY (own)) AND c.ended_at IS NULL;
END $$;

GRANT EXECUTE ON FUNCTION organisations_sight(bigint[], bigint[], bigint[], date),
  organisations_cases(bigint[], bigint[]) TO gangmu_web, gangmu_system;
