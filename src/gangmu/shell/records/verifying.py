"""Verification with its event and, when something does not hold, its alarm."""

from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.alarms import Seen, raise_alarm, rule_of
from gangmu.foundation.records.models import Sign
from gangmu.foundation.records.services import note
from gangmu.foundation.records.verify import Report, verify
from gangmu.foundation.settings import clock
from gangmu.shell.records.telling import tell

KEPT = 50  # findings that the event names


def verify_and_note(by: User | None = None) -> Report:
    """Verify everything; the event says what was found. Needs the system's connection."""
    report = verify()
    told = report.as_dict()
    findings = [one for one in told["findings"] if one["severity"] == "error"]
    number = note("records.verified", by=by, data={**told, "findings": told["findings"][:KEPT]})
    if not report.ok:
        now = clock.now()
        data = {"event": number, "findings": [one["message"] for one in findings[:KEPT]]}
        seen = Seen(Sign.CHAIN, "chain", len(findings), now, now, first_event=number, last_event=number, data=data)
        if alarm := raise_alarm(seen, rule_of(Sign.CHAIN)):
            tell([alarm])
    return report
