"""What this room refuses, worded in the reader's language when it is shown. Works without Django set up."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language, gettext

from gangmu.foundation.settings.language import catalogue, wanted

LOCALE = Path(__file__).parent / "locale"


def _(message: str) -> str:
    """`message` itself, marked as one to translate."""
    return message


def worded(message: str, **arguments: object) -> str:
    """`message` (an English msgid) with its arguments, in the reader's language; of GANGMU_LANGUAGE without Django."""
    text = gettext(message) if settings.configured else catalogue(LOCALE).gettext(message)
    return text % arguments if arguments else text


def in_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return ((get_language() or "") if settings.configured else wanted()).startswith("zh")


class GradingError(Exception):
    """Nothing was changed; the text says what is wrong and what would be right."""

    def __init__(self, message: str, **arguments: object) -> None:
        super().__init__(message, arguments)
        self.message, self.arguments = message, arguments

    def __str__(self) -> str:
        return worded(self.message, **self.arguments)


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
