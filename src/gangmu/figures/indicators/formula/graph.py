"""Who needs whom."""

from collections.abc import Callable, Iterable


def find_cycle(start: Iterable[str], inputs_of: Callable[[str], Iterable[str]]) -> tuple[str, ...] | None:
    """A way round that can be reached from `start`, its first code repeated at the end; None when there is none."""
    done: set[str] = set()
    for root in start:
        way: dict[str, None] = {}  # the codes between the root and where we stand, in order
        branches = [(root, iter(inputs_of(root)))] if root not in done else []
        way.update(dict.fromkeys(code for code, _inputs in branches))
        while branches:
            code, inputs = branches[-1]
            for needed in inputs:
                if needed in way:
                    codes = list(way)
                    return (*codes[codes.index(needed) :], needed)
                if needed not in done:
                    way[needed] = None
                    branches.append((needed, iter(inputs_of(needed))))
                    break
            else:
                branches.pop()
                del way[code]
                done.add(code)
    return None
