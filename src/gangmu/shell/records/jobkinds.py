"""Verification as long work."""

from typing import Any

from django.utils.translation import gettext_noop

from gangmu.foundation.access.scope import scope_of
from gangmu.foundation.jobs.progress import Progress
from gangmu.foundation.jobs.registry import job
from gangmu.foundation.jobs.running import JobFailed
from gangmu.shell.records.verifying import verify_and_note

MAY_NOT = gettext_noop("You may not verify the record.")


@job("records.verify", gettext_noop("Verification of the record"), idempotent=True, as_system=True)
def verify(progress: Progress) -> dict[str, Any]:
    """Recompute every seal and compare every table with its history. What is found becomes an event, and an alarm."""
    if not scope_of(progress.owner, site=progress.job.site).may("records:view"):
        raise JobFailed(MAY_NOT)
    report = verify_and_note(by=progress.owner)
    return {"ok": report.ok, "findings": len(report.findings), "seals": report.seals}
