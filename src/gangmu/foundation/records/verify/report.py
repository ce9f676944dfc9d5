"""What verification says."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

LISTED = 100  # findings of one kind that are listed; the rest is counted

TEXTS = {
    # the chain and its copy
    "seal-missing": _("Seal %(seal)s is missing from the database; the chain goes on after it."),
    "seal-altered": _("Seal %(seal)s is not what its head was computed from: the seal was altered."),
    "seal-forged": _("Seal %(seal)s does not carry this installation's signature: the chain was recomputed."),
    "seal-unlinked": _("Seal %(seal)s does not follow seal %(before)s: the chain was cut or joined there."),
    "seal-differs": _("Seal %(seal)s differs between the database and seals.log."),
    "chain-cut": _("The database ends with seal %(held)s, seals.log with seal %(written)s: the chain was cut."),
    "log-missing": _("seals.log is missing or empty, but the database holds %(held)s seals."),
    "log-cut": _("seals.log ends with seal %(written)s, the database with seal %(held)s: the file was cut."),
    "log-damaged": _("Line %(line)s of seals.log is no seal: the file was damaged or altered."),
    "key-missing": _(
        "The key of the seals is missing (secrets/seal in the data folder): signatures cannot be checked."
    ),
    "unfinished": _("Seal %(seal)s was interrupted while it was taken; the next sealing completes it."),
    "torn-line": _("The last line of seals.log was interrupted while it was written; the next sealing removes it."),
    # records
    "row-changed": _("%(table)s %(row)s was changed after seal %(seal)s sealed it."),
    "row-removed": _("%(table)s %(row)s was removed after seal %(seal)s sealed it."),
    "row-forged": _("%(table)s %(row)s claims a place in seal %(seal)s that it never had: it was added later."),
    "row-future": _("%(table)s %(row)s carries a transaction number that was never given out: it is forged."),
    "row-time": _(
        "%(table)s %(row)s says it was written at %(at)s, but its transaction ran between %(after)s and %(until)s."
    ),
    "row-back-dated": _("%(table)s %(row)s says it happened at %(at)s, but it was written at %(written)s."),
    "tombstone-forged": _("The purge in event %(row)s is not signed by this installation or was never confirmed."),
    "clock-stood-still": _("%(count)s records were written by processes whose clock was set by hand (GANGMU_NOW)."),
    # tables and their history
    "history-broken": _("History %(row)s of %(model)s:%(key)s does not continue what stood before it."),
    "image-differs": _(
        "%(model)s:%(key)s differs from its last history %(row)s in %(columns)s: changed behind history's back."
    ),
    "no-history": _("%(model)s:%(key)s has no history: it was added behind history's back."),
    "gone": _("%(model)s:%(key)s is gone, but its history %(row)s does not say so: removed behind history's back."),
    # what writes history
    "trigger-missing": _("The table %(table)s has lost its trigger %(trigger)s. Run `gangmu migrate`."),
    "trigger-altered": _(
        "The trigger %(trigger)s of %(table)s is disabled or altered (%(found)s). Run `gangmu migrate`."
    ),
    "trigger-foreign": _("The table %(table)s has a trigger or rule %(trigger)s that the product does not make."),
    "function-missing": _("The function %(function)s is missing. Run `gangmu migrate`."),
    "function-altered": _("The function %(function)s is not the one that the product ships. Run `gangmu migrate`."),
    "privilege": _("The role %(role)s may %(privilege)s on %(table)s. Run `gangmu migrate`."),
    "role": _("The role %(role)s has the rights of the owner of the tables."),
}
NOTES = frozenset({"unfinished", "torn-line", "clock-stood-still"})


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold, or (`is_note`) that the reader should know."""

    code: str
    params: dict[str, Any]

    @property
    def is_note(self) -> bool:
        return self.code in NOTES

    def __str__(self) -> str:
        words = {"table": gettext(self.params["table"])} if self.code.startswith("row-") else {}
        return gettext(TEXTS[self.code]) % {**self.params, **words}


@dataclass
class Report:
    """Everything found, and how much was looked at."""

    findings: list[Finding] = field(default_factory=list)
    seals: int = 0
    sealed: Counter[str] = field(default_factory=Counter)
    unsealed: Counter[str] = field(default_factory=Counter)
    oldest_unsealed: datetime | None = None
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, **params: Any) -> None:
        """Note a finding; after the first hundred of a kind they are only counted."""
        self._counts[code] += 1
        if self._counts[code] <= LISTED:
            self.findings.append(Finding(code, params))

    @property
    def ok(self) -> bool:
        """Whether everything holds (notes do not count)."""
        return all(code in NOTES for code in self._counts)

    @property
    def unlisted(self) -> dict[str, int]:
        """How many findings of each kind are not listed."""
        return {code: count - LISTED for code, count in self._counts.items() if count > LISTED}

    def as_dict(self) -> dict[str, Any]:
        """The report for `--json`."""
        return {
            "ok": self.ok,
            "seals": self.seals,
            "sealed": dict(self.sealed),
            "unsealed": dict(self.unsealed),
            "oldest_unsealed": self.oldest_unsealed.isoformat() if self.oldest_unsealed else None,
            "findings": [
                {
                    "code": one.code,
                    "severity": "note" if one.is_note else "error",
                    **{name: str(value) for name, value in one.params.items()},
                    "message": str(one),
                }
                for one in self.findings
            ],
            "not_listed": self.unlisted,
        }

    def lines(self) -> list[str]:
        """The report as lines of text in the active language."""
        lines = [str(one) for one in self.findings]
        lines += [
            gettext("… and %(count)d more of the kind %(code)s") % {"count": count, "code": code}
            for code, count in self.unlisted.items()
        ]
        lines.append(
            gettext("%(seals)d seals over %(sealed)d records; %(unsealed)d records are not sealed yet.")
            % {"seals": self.seals, "sealed": self.sealed.total(), "unsealed": self.unsealed.total()}
        )
        errors = sum(count for code, count in self._counts.items() if code not in NOTES)
        lines.append(gettext("Everything holds.") if not errors else gettext("%(count)d findings.") % {"count": errors})
        return lines
