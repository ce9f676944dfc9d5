from pathlib import Path

import pytest

from gangmu.business import standards
from gangmu.business.hosting.tests.printed import Printed, read_document
from gangmu.duties.norms.shipped import shipped
from gangmu.duties.norms.standard import Standard

SEEDS = Path(__file__).resolve().parents[5].parent / "shared" / "seeds"


@pytest.fixture(scope="session")
def standard() -> Standard:
    standards.register()
    return shipped("JR/T-0133-2015")


@pytest.fixture(scope="session")
def document() -> list[Printed]:
    """The entries of the printed document, where it is at hand; it is not part of the product."""
    found = next(SEEDS.glob("000_*.txt"), None)
    if found is None:
        pytest.skip("the document is not beside this checkout")
    return read_document(found.read_text("utf-8"))
