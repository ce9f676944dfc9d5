"""From the rules of a form to a `RuleSet`: names, units and levels are settled when the form is loaded."""

from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.rules.ruleset import RuleSet
from gangmu.figures.indicators.catalogue import Catalogue


class RuleFault(ValueError):
    """What is wrong with one rule. `place` is where, such as `rules.balance.left, line 1, column 5`."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(place, message)
        self.place, self.message = place, message

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class RulesInvalid(ValueError):
    """Rules that cannot be compiled; `faults` has all that is wrong with them."""

    def __init__(self, faults: list[RuleFault]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


def compile_rules(definition: FormDefinition, catalogue: Catalogue) -> RuleSet:
    """The rules of a form, ready to check.

    Raises:
        RulesInvalid: an indicator that the form does not have, units that do not go together, and the like; every
            fault with its place.
    """
    return RuleSet(definition, catalogue)
