"""What is kept of home pages between requests of one process, under everything that could make it another.

What is kept never needs to be thrown away for being wrong, only for being old: keys name the state of figures and tree,
the day, the language, and exactly what the asker may see. Nobody is shown what was made for somebody who sees more.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any


class Kept:
    """Things by key up to a weight altogether; those not asked for longest go first."""

    def __init__(self, most: int) -> None:
        self._most, self._weight, self._lock = most, 0, Lock()
        self._things: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._things)

    def get(self, key: Hashable) -> Any | None:
        with self._lock:
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, thing: Any, weight: int) -> None:
        """Keep a thing; what is heavier than everything together may be is not kept."""
        if weight > self._most:
            return
        with self._lock:
            before = self._things.pop(key, None)
            self._weight += weight - (before[1] if before else 0)
            self._things[key] = thing, weight
            while self._weight > self._most:
                _key, (_thing, gone) = self._things.popitem(last=False)
                self._weight -= gone

    def clear(self) -> None:
        with self._lock:
            self._things.clear()
            self._weight = 0
