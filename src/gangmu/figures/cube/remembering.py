"""Answers kept for as long as nothing that they depend on has changed: figures, tree, definitions, the asker's scope.

Pages of many people ask the same: every region's people see the same home page. What is kept is kept under everything
that could make the answer another one, so it never needs to be thrown away for being wrong, only for being old.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

MOST_ROWS = 60_000


class Remembered:
    """The answers asked for last, up to a number of rows altogether."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most, self._rows, self._lock = most_rows, 0, Lock()
        self._answers: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable) -> Any | None:
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                return None
            self._answers.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, answer: Any, rows: int) -> None:
        with self._lock:
            if key in self._answers or rows > self._most:
                return
            self._answers[key] = answer, rows
            self._rows += rows
            while self._rows > self._most:
                _key, (_answer, count) = self._answers.popitem(last=False)
                self._rows -= count

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._rows = 0
