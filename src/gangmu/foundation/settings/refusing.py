"""Refusals that are worded in the reader's language when they are shown. Works without Django set up."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.utils.translation import get_language, gettext

from gangmu.foundation.settings.language import catalogue, wanted


def marked(message: str) -> str:
    """`message` itself, marked as one to translate."""
    return message


def worded(locale: Path, message: str, **arguments: object) -> str:
    """`message` (an English msgid) with its arguments, in the reader's language; of GANGMU_LANGUAGE without Django.

    `locale` is the folder of the room whose words they are.
    """
    text = gettext(message) if settings.configured else catalogue(locale).gettext(message)
    return text % arguments if arguments else text


def in_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return ((get_language() or "") if settings.configured else wanted()).startswith("zh")


class Refusal(Exception):
    """Nothing was changed; the text says what is wrong and what would be right. `locale` is the room's."""

    locale: ClassVar[Path]

    def __init__(self, message: str, **arguments: object) -> None:
        super().__init__(message, arguments)
        self.message, self.arguments = message, arguments

    def __str__(self) -> str:
        return worded(self.locale, self.message, **self.arguments)
