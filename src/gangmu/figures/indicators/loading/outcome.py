"""What loading a file of definitions did."""

from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.translation import gettext as _

from gangmu.figures.indicators.loading.yamlfile import Problem


@dataclass
class Outcome:
    """How many definitions a load made, or why it did nothing. `told` is the English text of what it did."""

    told: ClassVar[str]

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __str__(self) -> str:
        if self.problems:
            return _("Nothing was recorded. Problems: %(found)d.") % {"found": len(self.problems)}
        return _(self.told) % {"created": self.created, "changed": self.changed, "unchanged": self.unchanged}
