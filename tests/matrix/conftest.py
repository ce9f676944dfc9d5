"""The world of the matrix: everybody, and the rows that only some of them may see."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import settle
from matrix.people import People, make_people
from matrix.rows import make_rows

World = tuple[People, dict[str, dict[str, list[Any]]]]


@pytest.fixture
def world(db: None, tmp_path: Path) -> Iterator[World]:
    with clock.frozen("2026-11-20T07:30"), translation.override("en"):
        people = make_people(tmp_path)
        clerk = people.users["clerk"]
        assert clerk is not None
        rows = make_rows(clerk)
        settle()
        yield people, rows
