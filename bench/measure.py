"""Timing: medians of interleaved runs, so that a drift of the machine hits both sides."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

RUNS = 7


@dataclass(frozen=True)
class Result:
    """One line of the report. `theirs` is None where there is no rival (`none`)."""

    case: str
    rival: str
    ours: float
    theirs: float | None
    ratio: float | None
    unit: str
    goal: str
    note: str = ""

    def as_json(self) -> dict:
        return {key: value for key, value in asdict(self).items() if key not in ("goal", "note")}


def once(work: Callable[[], object]) -> float:
    """Milliseconds of one run."""
    gc.collect()
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def compare(
    case: str,
    rival: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    goal: str,
    runs: int = RUNS,
    note: str = "",
) -> Result:
    """Medians of `runs` runs each, in turn, after one warm-up of both."""
    ours()
    theirs()
    pairs = [(once(ours), once(theirs)) for _ in range(runs)]
    mine = statistics.median(pair[0] for pair in pairs)
    other = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    return Result(case, rival, round(mine, 2), round(other, 2), round(ratio, 3), "ms", goal, note)


def alone(case: str, work: Callable[[], object], *, goal: str, runs: int = RUNS, note: str = "") -> Result:
    """The median of `runs` runs without a rival."""
    work()
    median = statistics.median(once(work) for _ in range(runs))
    return Result(case, "none", round(median, 2), None, None, "ms", goal, note)
