"""What this room refuses, worded in the reader's language when it is shown."""

from functools import partial
from pathlib import Path

from gangmu.foundation.settings import refusing

LOCALE = Path(__file__).parent / "locale"
_ = refusing.marked
worded = partial(refusing.worded, LOCALE)


class NormsError(refusing.Refusal):
    """Nothing was changed; the text says what is wrong and what would be right."""

    locale = LOCALE


class StandardFault(NormsError):
    """A standard's file is not of the shape; `where` says which file and line."""

    def __init__(self, where: str, message: str, **arguments: object) -> None:
        super().__init__(message, **arguments)
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {super().__str__()}"


class UnknownStandard(NormsError):
    """There is no such standard."""


class UnknownCell(NormsError):
    """The standard has no such cell."""


class UnknownClause(NormsError):
    """The edition has no such clause, perhaps not any more."""


class ChoiceRefused(NormsError):
    """A choice that is not offered, or offered nowhere in the cell."""


class ChoiceMissing(NormsError):
    """A reference is still open."""


class EditionInUse(NormsError):
    """A baseline stands on the edition, so it stays as it is."""


class ClausesGone(NormsError):
    """The new edition no longer has what the baseline before stood on; `keys` are the clauses. Agreed, it goes on."""

    def __init__(self, message: str, keys: tuple[str, ...], **arguments: object) -> None:
        super().__init__(message, **arguments)
        self.keys = keys


class NotPossible(NormsError):
    """The asker's roles do not cover it, or it stands at another point."""
