"""What a load of curves did, or would do."""

from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.figures.curves.reading import Key
from gangmu.foundation.settings.textfiles import Problem


@dataclass(frozen=True)
class Change:
    """What becomes of a day's curve: how many points are new, how many become others, how many still miss, and the
    daily figures that it comes to (indicator, value as decimal text, unit)."""

    key: Key
    new: int
    corrected: int
    missing: int
    figures: tuple[tuple[str, str, str], ...]


@dataclass
class LoadResult:
    """What a load did: curves by day, daily figures, and lines of the file."""

    recorded: int = 0
    corrected: int = 0
    unchanged: int = 0
    incomplete: int = 0  # of the days it speaks of, those that still miss points
    figures: int = 0
    problems: list[Problem] = field(default_factory=list)
    rejected_file: Path | None = None
    not_written: str = ""
    batch_id: int | None = None
    changes: list[Change] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)  # of the file's columns

    @property
    def rejected(self) -> int:
        return len({problem.line for problem in self.problems})

    def __str__(self) -> str:
        names = ("recorded", "corrected", "unchanged", "rejected", "figures", "incomplete")
        words = {name: getattr(self, name) for name in names}
        told = [
            _(
                "Days with a curve: %(recorded)d new or completed, %(corrected)d corrected, %(unchanged)d as they "
                "were; daily figures made of them: %(figures)d; lines refused: %(rejected)d."
            )
            % words
        ]
        if self.incomplete:
            told.append(_("Days that miss points, and give no daily figures until they have all 96: %(incomplete)d.") %
                        words)  # fmt: skip
        if self.rejected_file:
            told.append(_("The refused lines are in %(file)s.") % {"file": self.rejected_file})
        return "\n".join([*told, *([self.not_written] if self.not_written else [])])
