"""What this room refuses, worded in the reader's language when it is shown."""

from functools import partial
from pathlib import Path

from gangmu.foundation.settings import refusing

LOCALE = Path(__file__).parent / "locale"
_ = refusing.marked
worded = partial(refusing.worded, LOCALE)


class GradingError(refusing.Refusal):
    """Nothing was changed; the text says what is wrong and what would be right."""

    locale = LOCALE


class SchemeFault(GradingError):
    """A scheme's file, or a matrix of it, is not what it must be; `where` says which file and line."""

    def __init__(self, where: str, message: str, **arguments: object) -> None:
        super().__init__(message, **arguments)
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {super().__str__()}" if self.where else super().__str__()


class UnknownScheme(GradingError):
    """There is no such scheme."""


class FactorsRefused(GradingError):
    """A factor or level that the scheme does not have, half a set of factors, or factors that contradict each other."""


class NotReady(GradingError):
    """Something that must be there first is missing; says what."""


class NotPossible(GradingError):
    """It stands at another stage, or the asker's roles do not cover it."""
