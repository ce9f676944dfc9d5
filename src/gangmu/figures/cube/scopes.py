"""Statistical scopes against the organisation tree: what is wrong with them, and whom they count."""

from collections.abc import Mapping

from gangmu.figures.cube import services
from gangmu.figures.cube.counting import faults
from gangmu.figures.cube.reading import read
from gangmu.figures.scopes.definitions import ScopeDefinition
from gangmu.foundation.settings import clock


def judge(book: Mapping[str, ScopeDefinition]) -> list[tuple[tuple[str, ...], str]]:
    """Where parts of a scope count somebody with more than 100 %.

    Raises:
        CubeBehind: the tree cannot be read now.
    """
    services.ensure_fresh()
    today = clock.today().toordinal()
    return read(lambda _snapshot, tree: faults(tree, book, today))
