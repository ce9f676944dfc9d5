"""The rules of one form, compiled, and their check."""

from collections.abc import Sequence
from dataclasses import dataclass

from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.rules import comparing, statistics
from gangmu.figures.filing.rules.columns import Sheets
from gangmu.figures.filing.rules.compiled import Measured, Rule
from gangmu.figures.filing.rules.context import Context, Filled
from gangmu.figures.filing.rules.findings import Finding
from gangmu.figures.filing.rules.levels import Levels
from gangmu.figures.indicators.definitions import CAPACITIES, Grain
from gangmu.figures.indicators.formula.tree import Shift


@dataclass(frozen=True, eq=False)
class RuleSet:
    """All that one version of a form checks; made by `compile_rules`."""

    definition: FormDefinition
    levels: Levels
    rules: tuple[Rule, ...]
    history: tuple[Measured, ...]
    neighbours: tuple[Measured, ...]

    def check(self, sheet: Filled, context: Context) -> list[Finding]:
        """What is to be said about one sheet, errors first."""
        return self.check_many([sheet], context)[0]

    def check_many(self, sheets: Sequence[Filled], context: Context) -> list[list[Finding]]:
        """What is to be said about each of many sheets of this form, of any periods: a list for each, errors first.

        A sheet's period before is looked for among `sheets` first, then in the context; so are neighbours.
        """
        found: list[list[Finding]] = [[] for _sheet in sheets]
        if not sheets:
            return found
        table = Sheets(self.grain, self.levels, sheets, context)
        definition = self.definition
        for rule in self.rules:
            for sheet, finding in comparing.check(rule, table):
                found[sheet].append(finding)
        for measured in self.history:
            for sheet, finding in statistics.against_history(measured, definition.history, table):
                found[sheet].append(finding)
        for measured in self.neighbours:
            for sheet, finding in statistics.against_neighbours(measured, definition.neighbours, table):
                found[sheet].append(finding)
        for findings in found:
            findings.sort(key=lambda finding: finding.strength != "error")
        return found

    @property
    def grain(self) -> Grain:
        return Grain(self.definition.grain)

    def items_shifted(self, shift: Shift) -> set[str]:
        """The items whose figures of an earlier period the rules need."""
        programs = [side.program for rule in self.rules for side in (rule.left, rule.right)]
        leaves = {leaf for program in programs for leaf in program.leaves if shift in leaf.shifts}
        codes = {leaf.code for leaf in leaves} - set(CAPACITIES)
        weights = {weight for code in codes if (weight := self.levels.catalogue[code].weight)}
        return {item for code in codes | weights for item in self.levels.stored_below(code)}
