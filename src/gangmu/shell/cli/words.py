"""What the command line itself says, in the language of GANGMU_LANGUAGE; most commands speak before Django is there.

click words its own errors and help through the standard library's gettext: `speaking` gives it our catalogue.
"""

import gettext
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from gangmu.foundation.settings.language import catalogue, wanted

LOCALE = Path(__file__).parent / "locale"
SHORT = 60
CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"]}

_english: dict[tuple[int, str], str] = {}  # what help said before it was translated; commands live as long as we do


def text(message: str) -> str:
    """`message` in the language wanted."""
    return catalogue(LOCALE).gettext(message)


@contextmanager
def speaking() -> Iterator[None]:
    """click's own texts in the language wanted, for the time of the block."""
    before = os.environ.get("LANGUAGE")
    os.environ["LANGUAGE"] = "en" if wanted() == "en" else "zh_Hans"
    gettext.bindtextdomain("django", str(LOCALE))
    domain = gettext.textdomain()
    gettext.textdomain("django")
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before


def in_words(command: click.Command) -> click.Command:
    """`command` with its help, and that of what is below it, in the language wanted."""
    _translate(command)
    if option := command.get_help_option(click.Context(command, **CONTEXT)):  # which click words once and keeps
        option.help = text("Show this message and exit.")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            _translate(parameter)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            in_words(below)
    return command


def _translate(what: click.Command | click.Option) -> None:
    english = _english.setdefault((id(what), "help"), inspect.cleandoc(what.help or ""))
    if not english:
        return
    what.help = text(english)
    if isinstance(what, click.Command):
        first = what.help.split("\n", 1)[0]
        if wanted() == "en":
            what.short_help = None  # click makes it
        else:
            what.short_help = first if len(first) <= SHORT else first[: SHORT - 1] + "…"
