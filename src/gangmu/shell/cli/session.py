"""What a command needs around it: the database, joined or started, and Django set up in the right role."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from gangmu.duties.grading.errors import GradingError
from gangmu.duties.norms.errors import NormsError
from gangmu.figures.cube.errors import CannotAnswer
from gangmu.foundation.periods.errors import PeriodsError
from gangmu.foundation.settings.home import HomeMissing
from gangmu.foundation.settings.language import wanted
from gangmu.foundation.settings.postgres import DatabaseUnavailable, open_database, prepare
from gangmu.foundation.settings.textfiles import Unreadable

Role = Literal["owner", "system", "web"]
EXPECTED = (HomeMissing, DatabaseUnavailable, PeriodsError, CannotAnswer, Unreadable, GradingError, NormsError)

_open = 0


@contextmanager
def session(role: Role = "system", *, create: bool = False) -> Iterator[None]:
    """Hold the database open and Django ready for one command.

    A command run inside another one's session (tests do that) joins it.
    """
    global _open  # noqa: PLW0603
    if _open:
        yield
        return
    from gangmu.foundation.settings.home import home

    if home().exists() and not home().is_dir():
        raise HomeMissing(home())
    with open_database(home(), create=create, progress=_say) as database:
        _open += 1
        try:
            if role == "owner":
                prepare(database)
            set_up_django(role)
            yield
        finally:
            _open -= 1
            from django.db import connections

            connections.close_all()


def _say(text: str) -> None:
    """Progress of the database, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)  # noqa: T201


def set_up_django(role: Role) -> None:
    """Django with the settings of this product, speaking `GANGMU_LANGUAGE` (zh-hans or en)."""
    os.environ["GANGMU_DB_ROLE"] = role
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gangmu.shell.settings")
    import gc

    import django

    gc.disable()  # what is loaded now stays: looking through it again and again takes a tenth of the start
    django.setup()
    gc.freeze()
    gc.enable()
    speak()


def speak() -> None:
    """Choose the language of messages."""
    from django.utils import translation

    translation.activate(wanted())


@contextmanager
def embedded() -> Iterator[None]:
    """Tell `session` that the database and Django are there already."""
    global _open  # noqa: PLW0603
    _open += 1
    try:
        yield
    finally:
        _open -= 1
