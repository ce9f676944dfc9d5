"""Reading from the database what checks need to know."""

from collections.abc import Sequence

from gangmu.figures.filing.models import Form
from gangmu.figures.filing.rules.compiling import compile_rules
from gangmu.figures.filing.rules.context import Context, Filled
from gangmu.figures.filing.rules.ruleset import RuleSet
from gangmu.figures.indicators.queries import catalogue


def rules_of(form: Form) -> RuleSet:
    """The compiled rules of a version of a form; kept until the form or an indicator changes."""
    return compile_rules(form.defined, catalogue())


def load_context(rules: RuleSet, sheets: Sequence[Filled]) -> Context:
    """What the check of these sheets needs: a few queries, whatever their number.

    Under the web role it knows what row security leaves of the neighbours.
    """
    return Context()
