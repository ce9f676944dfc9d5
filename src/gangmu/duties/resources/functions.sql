-- Which of some codes are in use, in whatever branch: a unique code tells it anyway, but too late to point at a line.
CREATE OR REPLACE FUNCTION resources_taken(codes text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT code::text FROM resources_resource WHERE code = ANY(codes)
$$;
REVOKE EXECUTE ON FUNCTION resources_taken(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resources_taken(text[]) TO gangmu_web, gangmu_system;
