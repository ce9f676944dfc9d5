"""What this room refuses, worded in the reader's language when it is shown."""

from django.conf import settings
from django.utils.translation import get_language, gettext


def marked(message: str) -> str:
    """`message` itself, marked as one to translate; imported as `_`. Django's own mark needs Django set up."""
    return message


def worded(message: str, **arguments: object) -> str:
    """`message` (an English msgid) with its arguments, translated where Django is set up and in English elsewhere."""
    text = gettext(message) if settings.configured else message
    return text % arguments if arguments else text


def in_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return settings.configured and (get_language() or "").startswith("zh")


class PeriodsError(Exception):
    """Base of everything that a user of this room may have got wrong; its text says what to do."""

    def __init__(self, message: str, **arguments: object) -> None:
        super().__init__(message, arguments)
        self.message, self.arguments = message, arguments

    def __str__(self) -> str:
        return worded(self.message, **self.arguments)


class RangeError(PeriodsError, ValueError):
    """A range ends before it begins, or hours of a day are out of order."""
