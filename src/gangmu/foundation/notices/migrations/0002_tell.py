"""Telling somebody else writes a row that the writer may not see: one function does it with the owner's rights."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.notices_tell(
  users bigint[], of_kind text, with_text text, with_params jsonb, to_url text, of_key text, at timestamptz
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE told bigint;
BEGIN
  INSERT INTO public.notices_notice (user_id, kind, text, params, url, key, created_at)
  SELECT DISTINCT u.id, of_kind, with_text, with_params, to_url, of_key, at
  FROM public.accounts_user u
  WHERE u.id = ANY (users) AND u.is_active
  ON CONFLICT (user_id, key) WHERE key <> '' DO NOTHING;
  GET DIAGNOSTICS told = ROW_COUNT;
  RETURN told;
END $$;
REVOKE EXECUTE ON FUNCTION public.notices_tell(bigint[], text, text, jsonb, text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.notices_tell(bigint[], text, text, jsonb, text, text, timestamptz)
  TO gangmu_web, gangmu_system;
"""
BACKWARD = "DROP FUNCTION public.notices_tell(bigint[], text, text, jsonb, text, text, timestamptz);"


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
