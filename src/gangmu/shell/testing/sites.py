"""Tests at one of the two sites. Where a test names none, pages are those of the business site."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from gangmu.shell.sites import settings_at


@contextmanager
def at_site(site: str) -> Iterator[None]:
    """This process as one that serves `site`, for the time of the block."""
    with override_settings(**settings_at(site)):
        yield
