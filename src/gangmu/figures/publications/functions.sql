-- The publications granted to whoever has signed in: what is published, never to whom else. The grant is the one way
-- past row security; a user without one gets no row, whatever they ask for.
CREATE OR REPLACE FUNCTION publications_granted(on_day date)
RETURNS TABLE (id bigint, name_zh text, name_en text, organisation text, indicators text[], columns text[],
               grains text[], fuels text[], ranks text, at_least smallint, figures_from date, publisher_zh text,
               publisher_en text, made_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE asker bigint := access_user();
BEGIN
  RETURN QUERY
    SELECT p.id, p.name_zh::text, p.name_en::text, o.code::text, p.indicators::text[], p.columns::text[],
           p.grains::text[], p.fuels::text[], p."order"::text, p.at_least, p.figures_from, o.name_zh::text,
           o.name_en::text, p.made_at
    FROM publications_publication p JOIN parties_organisation o ON o.id = p.organisation_id
    WHERE p.valid @> on_day AND EXISTS (
      SELECT FROM publications_grant g
      JOIN parties_membership m ON m.ancestor_id = g.organisation_id AND m.valid @> on_day
      JOIN access_assignment a ON a.organisation_id = m.organisation_id
      JOIN access_role r ON r.id = a.role_id
      JOIN accounts_user u ON u.id = a.user_id AND u.is_active
      WHERE g.publication_id = p.id AND a.user_id = asker
        AND a.valid_from <= on_day AND (a.valid_to IS NULL OR a.valid_to > on_day)
        AND (g.role_id IS NULL OR g.role_id = a.role_id) AND r.site IN ('business', 'both') AND a.reach <> 'self')
    ORDER BY p.made_at, p.id;
END $$;
GRANT EXECUTE ON FUNCTION publications_granted(date) TO gangmu_web, gangmu_system;
