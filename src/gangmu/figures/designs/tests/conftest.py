"""The shipped designs in the small world of reports."""

import pytest

from gangmu.figures.designs.models import Design
from gangmu.figures.reports.tests.conftest import group, world  # noqa: F401 (fixtures)


@pytest.fixture
def month(world) -> Design:  # noqa: F811
    return Design.objects.get(code="power_month")
