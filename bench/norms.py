"""Resolving a cell of the hosting standard: the widest one, with its choices."""

from collections.abc import Iterator

from bench.measure import Result, alone
from gangmu.business import standards
from gangmu.duties.norms.resolving import resolve
from gangmu.duties.norms.shipped import shipped

CHOICES = {"facilities": "B1", "network": "B1", "security": "B2"}


def cases() -> Iterator[Result]:
    """One case: what holds in A3+B4, with every text and figure put in."""
    standards.register()
    standard = shipped("JR/T-0133-2015")
    yield alone("resolving a cell", lambda: resolve(standard, "A3+B4", CHOICES).as_json(), goal="≤ 50 ms")
