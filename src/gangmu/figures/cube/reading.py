"""One state of the cube, read for a question."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gangmu.figures.cube import services
from gangmu.figures.cube.asked import Asked
from gangmu.figures.cube.engine import Engine
from gangmu.figures.cube.errors import CubeBehind
from gangmu.figures.cube.storage import CubeBusy, CubeUnsound, Snapshot
from gangmu.figures.cube.tree import Tree, load_tree
from gangmu.figures.cube.visibility import Scope, Visibility

T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """One state of the cube, read for one question."""

    engine: Engine
    visibility: Visibility
    tree: Tree

    @classmethod
    def of(cls, asked: Asked, snapshot: Snapshot, tree: Tree, scope: Scope) -> "Reading":
        state = asked.question.lowest_state
        engine = Engine(snapshot, tree, asked.known, asked.scenario, state, asked.now, asked.today)
        return cls(engine, Visibility(tree, scope), tree)


def read(compute: Callable[[Snapshot, Tree], T]) -> T:
    """What `compute` makes of a cube that did not change meanwhile.

    Raises:
        CubeBehind: it cannot be read now, and not repaired from here.
    """
    for _attempt in range(20):
        try:
            return services.store().read(lambda snapshot: compute(snapshot, _tree_of(snapshot)))
        except CubeUnsound:
            services.repair()
        except CubeBusy:
            break
    raise CubeBehind


def _tree_of(snapshot: Snapshot) -> Tree:
    path = snapshot.tree_path
    if path is None:
        raise CubeUnsound("the cube holds no organisation tree yet")
    return load_tree(path)
