"""What this room refuses, worded in the reader's language when it is shown."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language, gettext

from gangmu.foundation.settings.language import catalogue, wanted

LOCALE = Path(__file__).parent / "locale"


def _(message: str) -> str:
    """`message` itself, marked as one to translate. Django's own mark needs Django set up."""
    return message


def worded(message: str, **arguments: object) -> str:
    """`message` (an English msgid) with its arguments, in the reader's language; of GANGMU_LANGUAGE without Django."""
    text = gettext(message) if settings.configured else catalogue(LOCALE).gettext(message)
    return text % arguments if arguments else text


def in_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return ((get_language() or "") if settings.configured else wanted()).startswith("zh")


class PeriodsError(Exception):
    """Base of everything that a user of this room may have got wrong; its text says what to do."""

    def __init__(self, message: str, **arguments: object) -> None:
        super().__init__(message, arguments)
        self.message, self.arguments = message, arguments

    def __str__(self) -> str:
        return worded(self.message, **self.arguments)


class RangeError(PeriodsError, ValueError):
    """A range ends before it begins, or hours of a day are out of order."""


class PeriodError(PeriodsError, ValueError):
    """A text is not a period code, or a period would leave the years 1900 to 2200.

    `code` is the text that was refused, `reason` why, `suggestion` a valid code that was probably meant, or None.
    """

    def __init__(self, code: object, message: str, suggestion: str | None = None, **arguments: object) -> None:
        super().__init__(message, **arguments)
        self.code, self.suggestion = code, suggestion

    @property
    def reason(self) -> str:
        return worded(self.message, **self.arguments)

    def __str__(self) -> str:
        shown = self.code if isinstance(self.code, str) else repr(self.code)
        text = worded(_("“%(code)s” is not a valid period: %(reason)s"), code=shown[:60], reason=self.reason)
        if self.suggestion:
            text += " " + worded(_("Write %(suggestion)s instead."), suggestion=self.suggestion)
        return text
