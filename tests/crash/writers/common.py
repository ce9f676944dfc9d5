"""What the writers share: their command line, patience with a database that is away, the end."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

from crash.journal import Journal

Answer = TypeVar("Answer")
TRY_AGAIN = 0.1  # seconds between two attempts to reach what is being started again
THINKING = 0.05  # seconds at most between two writes


@dataclass
class Task:
    """One writer's orders."""

    name: str
    seed: int
    folder: Path
    address: str
    journal: Journal

    @property
    def stopping(self) -> bool:
        return (self.folder / "stop").exists()

    def think(self) -> None:
        """Leave others room, as people do; and spread the kills over all moments."""
        time.sleep(Random().uniform(0, THINKING))

    def insist(self, attempt: Callable[[], Answer], lost: tuple[type[BaseException], ...], again: Callable) -> Answer:
        """Try until it is answered. What is `lost` is no answer: the write may or may not have happened."""
        while True:
            try:
                return attempt()
            except lost:
                self.journal.note("unanswered")
                again()
                time.sleep(TRY_AGAIN)


def task() -> Task:
    """The orders on the command line: NAME SEED FOLDER ADDRESS."""
    name, seed, folder, address = sys.argv[1:]
    return Task(name, int(seed), Path(folder), address, Journal(Path(folder) / f"{name}.journal"))
