"""Tests at one of the two sites. Where a test names none, pages are those of the business site."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import override_settings

from gangmu.shell.sites import settings_at


@contextmanager
def at_site(site: str, **more: Any) -> Iterator[None]:
    """This process as one that serves `site`, with `more` settings, for the time of the block.

    Not within what pytest's `settings` fixture changes: it would put the site back when the test ends.
    """
    with override_settings(**settings_at(site), **more):
        yield
