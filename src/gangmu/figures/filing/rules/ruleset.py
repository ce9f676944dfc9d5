"""The rules of one form, compiled, and their check."""

from collections.abc import Sequence
from dataclasses import dataclass

from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.rules.context import Context, Filled
from gangmu.figures.filing.rules.findings import Finding
from gangmu.figures.indicators.catalogue import Catalogue


@dataclass(frozen=True, eq=False)
class RuleSet:
    """All that one version of a form checks; made by `compile_rules`."""

    definition: FormDefinition
    catalogue: Catalogue

    def check(self, sheet: Filled, context: Context) -> list[Finding]:
        """What is to be said about one sheet, errors first."""
        return self.check_many([sheet], context)[0]

    def check_many(self, sheets: Sequence[Filled], context: Context) -> list[list[Finding]]:
        """What is to be said about each of many sheets of this form, of any periods: a list for each, errors first.

        A sheet's period before is looked for among `sheets` first, then in the context; so are neighbours.
        """
        return [[] for _sheet in sheets]
