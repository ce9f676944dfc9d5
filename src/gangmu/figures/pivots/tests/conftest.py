"""The figures of studies in the small world: energy, price, revenue and a ratio of two plants."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from gangmu.figures.studies.tests.conftest import STANDS_AT, figures_of_studies
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import World, make_world


@pytest.fixture
def world(committed: str, tmp_path: Path) -> Iterator[World]:
    with clock.frozen(STANDS_AT), override("en"):
        made = make_world(tmp_path)
        figures_of_studies(tmp_path)
        yield made
