"""The doors between jobs and the queue: one puts a waiting job in, one takes it out.

The web role has no grant on the queue's tables. It may queue and unqueue the jobs of whoever has signed in, and neither
read nor change what others, or the system, have queued.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.jobs_enqueue(of_job bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE entry bigint;
BEGIN
  PERFORM access_require_oneself(owner_id) FROM jobs_job WHERE id = of_job AND state = 'waiting';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'job % is not waiting', of_job;
  END IF;
  SELECT (procrastinate_defer_jobs_v1(ARRAY[ROW(
    'default', 'gangmu.jobs.run', 0, NULL, NULL, jsonb_build_object('job', of_job), NULL
  )]::procrastinate_job_to_defer_v1[]))[1] INTO entry;
  UPDATE jobs_job SET queue_id = entry WHERE id = of_job;
  RETURN entry;
END $$;

CREATE FUNCTION public.jobs_dequeue(of_job bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE entry bigint;
BEGIN
  PERFORM access_require_oneself(owner_id) FROM jobs_job WHERE id = of_job;
  -- the row's owner could have written any number there
  SELECT q.id INTO entry FROM jobs_job j JOIN procrastinate_jobs q ON q.id = j.queue_id
    WHERE j.id = of_job AND q.task_name = 'gangmu.jobs.run' AND q.args = jsonb_build_object('job', of_job);
  IF entry IS NOT NULL THEN
    PERFORM procrastinate_cancel_job_v1(entry, false, false);
  END IF;
END $$;

REVOKE EXECUTE ON FUNCTION public.jobs_enqueue(bigint), public.jobs_dequeue(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.jobs_enqueue(bigint), public.jobs_dequeue(bigint) TO gangmu_web, gangmu_system;
"""
BACKWARD = "DROP FUNCTION public.jobs_enqueue(bigint), public.jobs_dequeue(bigint);"


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial"), ("procrastinate", "0041_post_retry_failed_job")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
