"""Timing: medians of interleaved runs, so that a drift of the machine hits both sides."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

RUNS = 7
RIVALS = (
    "PostgreSQL",
    "DuckDB (long)",
    "DuckDB (wide)",
    "NumPy",
    "XlsxWriter",
    "calamine+COPY",
    "five years",
    "none",
)


@dataclass(frozen=True)
class Result:
    """One line of the report. `rival` is one of RIVALS, `against` says what exactly the other side did.

    What is compared with no rival of these (`none`) stands in the report alone, not in the figures for programs.
    """

    case: str
    rival: str
    ours: float
    theirs: float | None
    ratio: float | None
    unit: str
    goal: str
    note: str = ""
    against: str = ""

    def __post_init__(self) -> None:
        assert self.rival in RIVALS, self.rival

    def as_json(self) -> dict:
        """What a program reads."""
        alone = {"theirs": None, "ratio": None} if self.rival == "none" else {}
        kept = {key: value for key, value in asdict(self).items() if key not in ("goal", "note", "against")}
        return {**kept, **alone}


def once(work: Callable[[], object], *, warm: bool = False) -> float:
    """Milliseconds of one run; with `warm`, of one right after another."""
    gc.collect()
    if warm:
        work()
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
    against: str = "",
    warm: bool = False,
) -> Result:
    """Medians of `runs` runs each, in turn, after one warm-up of both. With `warm`, each timed run comes right after an
    untimed one of its own side, so that neither finds the processor's caches full of the other's data."""
    ours()
    theirs()
    pairs = []
    for _run in range(runs):
        mine = once(ours, warm=warm)
        pairs.append((mine, once(theirs, warm=warm)))
    mine = statistics.median(pair[0] for pair in pairs)
    other = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    return Result(case, rival, round(mine, 2), round(other, 2), _ratio(ratio), "ms", goal, note, against)


def _ratio(found: float) -> float:
    """Three decimals, and of what is very small three digits."""
    return round(found, 3) if found >= 0.1 else float(f"{found:.3g}")


def alone(case: str, work: Callable[[], object], *, goal: str, runs: int = RUNS, note: str = "") -> Result:
    """The median of `runs` runs without a rival."""
    work()
    median = statistics.median(once(work) for _ in range(runs))
    return Result(case, "none", round(median, 2), None, None, "ms", goal, note)
