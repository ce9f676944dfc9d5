"""Rules 校验规则: what figures of a sheet have to do with each other, with the past and with their neighbours.

```python
rules = compile_rules(definition, catalogue)          # or rules_of(form): kept as long as nothing changes
context = load_context(rules, sheets)                 # few queries, however many sheets
findings = rules.check(sheet, context)                # one sheet: a list
findings = rules.check_many(sheets, context)          # thousands: one list for each
```

See docs/concepts/rules.md.
"""

from gangmu.figures.filing.rules.compiling import RuleFault, RulesInvalid, compile_rules
from gangmu.figures.filing.rules.context import Context, Filled, RowFacts, Series
from gangmu.figures.filing.rules.findings import About, Finding
from gangmu.figures.filing.rules.history import load_context, rules_of
from gangmu.figures.filing.rules.ruleset import RuleSet

__all__ = [
    "About",
    "Context",
    "Filled",
    "Finding",
    "RowFacts",
    "RuleFault",
    "RuleSet",
    "RulesInvalid",
    "Series",
    "compile_rules",
    "load_context",
    "rules_of",
]
