"""Why something cannot be done with a sheet. Every message says what happened and what to do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from gangmu.figures.filing.queries.checking import AnyFinding


class FilingError(Exception):
    """Base of all refusals of this room; `str()` is for the user, in the active language."""


class NotAllowed(FilingError):
    """The asker's roles do not cover this, at this organisation."""


class NotOpen(FilingError):
    """The sheet is not being filled in: it is under approval, approved or locked."""


class CannotOpen(FilingError):
    """There is no sheet of this form for this organisation and period."""


class NotReady(FilingError):
    """What was asked for is not possible at this stage; the message says which stage, and what to do."""


class FaultsRemain(FilingError):
    """The sheet has faults. `findings` say where."""

    def __init__(self, findings: Sequence["AnyFinding"], message: str = "") -> None:
        self.findings = list(findings)
        told = "; ".join(finding.text for finding in self.findings[:3])
        super().__init__(
            message
            or _("To be put right first (%(count)d): %(faults)s") % {"count": len(self.findings), "faults": told}
        )


class WordsNeeded(FaultsRemain):
    """Warnings that nobody has explained yet. `findings` say which."""

    def __init__(self, findings: Sequence["AnyFinding"]) -> None:
        told = "; ".join(finding.text for finding in findings[:3])
        super().__init__(
            findings,
            _("Warnings that need your words, or other figures (%(count)d): %(faults)s")
            % {"count": len(findings), "faults": told},
        )


class FactsChanged(FilingError):
    """Figures that a correction speaks of are not what they were when it was begun."""


class BadForm(FilingError):
    """A form's definition cannot be used. `problems` say where and why."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))
