"""The information systems of the group, what they rest on, and what stands in for what: this product first."""

from importlib import resources

from gangmu.duties.resources.loading.checking import judge
from gangmu.duties.resources.loading.reading import read
from gangmu.duties.resources.loading.recording import take_over
from gangmu.duties.resources.models import Resource
from gangmu.foundation.access.scope import SYSTEM

THIS_PRODUCT = "GANGMU"


def register_systems() -> int:
    """Fill an empty register; what somebody has registered already stands. How many resources were made."""
    if Resource.objects.exists():
        return 0
    content = resources.files("gangmu.business.power.demonstration")
    with resources.as_file(content.joinpath("resources.csv")) as path:
        judged = judge(read(path), SYSTEM)
    faults = [f"{one.line.number} {column}: {text}" for one in judged for column, text in one.faults]
    if faults:
        raise RuntimeError("; ".join(faults[:5]))
    return take_over(judged, SYSTEM, by=None).created
