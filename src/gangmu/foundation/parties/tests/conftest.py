from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from gangmu.foundation.parties import services
from gangmu.foundation.parties.models import Organisation

D = date.fromisoformat
HEADER = "code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel"


@pytest.fixture(autouse=True)
def english():
    """Messages are compared in English, whatever the machine speaks."""
    with translation.override("en"):
        yield


@pytest.fixture
def load(db, tmp_path):
    """Load lines (the header above unless another is given) and return the result."""

    def load_lines(*lines: str, header: str = HEADER) -> services.LoadResult:
        path: Path = tmp_path / "organisations.csv"
        path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
        return services.load_organisations(path)

    return load_lines


@pytest.fixture
def world(db) -> dict[str, Organisation]:
    """A group with two regions; a plant with two units stands in the first one."""
    made: dict[str, Organisation] = {}
    for code, kind, parent in (
        ("G", "group", None),
        ("R1", "region", "G"),
        ("R2", "region", "G"),
        ("P", "plant", "R1"),
        ("U1", "unit", "P"),
        ("U2", "unit", "P"),
    ):
        made[code] = services.create(
            code=code, kind=kind, name_zh=f"{code}号", name_en=code, parent=made[parent] if parent else None
        )
    return made
