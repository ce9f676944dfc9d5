"""The small world on the morning after its day, with one form to file."""

import pytest

from gangmu.figures.filing.models import Form
from gangmu.figures.filing.tests import small as kit
from gangmu.foundation.settings import clock


@pytest.fixture
def small(tmp_path):
    with clock.frozen("2026-11-20T07:30+08:00"):
        made = kit.make_small(tmp_path)
        Form.objects.exclude(code="small_daily").update(is_current=False)
        yield made
