"""One rule on all rows of its level at once."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from gangmu.figures.filing.rules.columns import Column, Sheets
from gangmu.figures.filing.rules.compiled import Rule
from gangmu.figures.filing.rules.findings import About, Finding
from gangmu.figures.filing.rules.numbers import apart, shown
from gangmu.figures.indicators.definitions import CAPACITIES
from gangmu.figures.indicators.exact import rational
from gangmu.figures.indicators.exact.cells import Booleans, Exact, Index
from gangmu.figures.indicators.formula.program import Leaf
from gangmu.foundation.parties.kinds import Words

CAPACITY_NAMES = {
    "capacity_mw": Words("装机容量", "installed capacity"),
    "capacity_mwh": Words("装机电量", "capacity × hours"),
}


def check(rule: Rule, table: Sheets) -> Iterator[tuple[int, Finding]]:
    """The findings of a rule, each with the number of its sheet."""
    rows = table.rows(rule.level)
    active = _in_season(rule, table)
    if not active.any():
        return
    left, left_columns = table.evaluated(rule.left.program, rule.level, rule.base, zero=rule.left.missing == "zero")
    right, right_columns = table.evaluated(rule.right.program, rule.level, rule.base, zero=rule.right.missing == "zero")
    slack = rational.add(
        rational.scale(rational.absolute(right), rule.share), rational.constant(rule.amount, len(rows))
    )
    violated = np.flatnonzero(
        active & left.present & right.present & ~_holds(rule.definition.operator, left, right, slack)
    )
    inputs = _inputs({**left_columns, **right_columns}, violated, table)
    sides = (left.exact(violated), right.exact(violated), slack.exact(violated))
    numbers = zip(*(side.fractions() for side in sides), strict=True)
    for at, given, (one, other, allowed) in zip(violated.tolist(), inputs, numbers, strict=True):
        assert one is not None and other is not None and allowed is not None
        yield int(rows.sheet[at]), _finding(rule, table, at, given | _numbers(rule, one, other, allowed))
    for at, leaves in _missing(rule, active, (left, left_columns), (right, right_columns)):
        yield int(rows.sheet[at]), _cannot(rule, table, at, leaves)


def _in_season(rule: Rule, table: Sheets) -> Booleans:
    sheets = table.rows(rule.level).sheet
    if not rule.definition.months:
        return np.ones(len(sheets), np.bool_)
    in_season = np.array([sheet.period.month in rule.definition.months for sheet in table.sheets], np.bool_)
    return in_season[sheets]


def _holds(operator: str, left: Exact, right: Exact, slack: Exact) -> Booleans:
    match operator:
        case "<=" | "<":
            truth = rational.less(left, rational.add(right, slack), or_equal=operator == "<=")
        case ">=" | ">":
            truth = rational.less(rational.subtract(right, slack), left, or_equal=operator == ">=")
        case "=":
            truth = rational.less(rational.absolute(rational.subtract(left, right)), slack, or_equal=True)
        case _:
            truth = rational.less(slack, rational.absolute(rational.subtract(left, right)), or_equal=False)
    return truth.numerator != 0


def _numbers(rule: Rule, left: Fraction, right: Fraction, allowed: Fraction) -> dict[str, str]:
    """Both sides with as many decimals as it takes to see that the rule does not hold."""
    sign = {"<": 1, ">": -1}.get(rule.definition.operator[0], 0)
    limit = right + sign * allowed
    digits = apart(left, limit, rule.digits) if rule.definition.operator != "!=" else rule.digits
    numbers = {
        "left": shown(left, digits),
        "right": shown(right, digits),
        "difference": shown(abs(left - right), digits),
    }
    if allowed:
        numbers |= {"allowed": shown(allowed, digits)}
        numbers |= {"limit": shown(limit, digits)} if sign else {}
    return numbers


def _missing(
    rule: Rule, active: Booleans, left: tuple[Exact, dict[Leaf, Column]], right: tuple[Exact, dict[Leaf, Column]]
) -> Iterator[tuple[int, list[Leaf]]]:
    """Rows in which a side that must be there is not, with what it lacks."""
    wanted = active.copy()
    for side, (cells, _columns) in ((rule.left, left), (rule.right, right)):
        if side.missing != "fault":
            wanted &= cells.present
    wanted &= ~(left[0].present & right[0].present)
    for at in np.flatnonzero(wanted).tolist():
        columns = {**left[1], **right[1]}
        lacking = [leaf for leaf, column in columns.items() if not column.cells.present[at]]
        if lacking and not any(columns[leaf].excused[at] for leaf in lacking):
            yield at, lacking


def _inputs(columns: dict[Leaf, Column], wanted: Index, table: Sheets) -> list[dict[str, str]]:
    """What stood behind the sides of each wanted row, by name."""
    found: list[dict[str, str]] = [{} for _row in wanted]
    for leaf, column in columns.items():
        digits = 3 if leaf.code in CAPACITIES else table.levels.catalogue[leaf.code].scale
        name = _named(leaf)
        for numbers, value in zip(found, column.cells.exact(wanted).fractions(), strict=True):
            if value is not None:
                numbers[name] = shown(value, digits)
    return found


def _finding(rule: Rule, table: Sheets, at: int, numbers: dict[str, str]) -> Finding:
    return Finding(
        **_of(rule, table, at),
        about=About.RULE,
        operator=rule.definition.operator,
        unit=rule.unit,
        numbers=numbers,
    )


def _cannot(rule: Rule, table: Sheets, at: int, lacking: list[Leaf]) -> Finding:
    names = [
        CAPACITY_NAMES[leaf.code] if leaf.code in CAPACITIES else table.levels.catalogue[leaf.code].name
        for leaf in lacking
    ]
    return Finding(
        **_of(rule, table, at),
        about=About.MISSING,
        numbers={_named(leaf): "" for leaf in lacking},
        names=tuple(dict.fromkeys(names)),
    )


def _of(rule: Rule, table: Sheets, at: int) -> dict:
    rows = table.rows(rule.level)
    organisation = rows.organisation[at]
    return {
        "key": f"{rule.definition.code}@{organisation}",
        "rule": rule.definition.code,
        "strength": rule.definition.strength,
        "organisation_id": organisation,
        "indicators": rule.items,
        "cells": tuple(cell for item in rule.items for cell in _cells(rule, table, at, item)),
        "name": rule.definition.name,
        "advice": rule.definition.advice,
    }


def _cells(rule: Rule, table: Sheets, at: int, item: str) -> Iterator[tuple[int, str]]:
    """Where an item stands: in the row itself, or in the rows below that add up to it."""
    level = table.levels.of_item[item]
    if level == rule.level:
        yield table.rows(level).organisation[at], item
        return
    below = table.rows(level).organisation
    for one in np.flatnonzero(table.upper(level, rule.level) == at).tolist():
        yield below[one], item


def _named(leaf: Leaf) -> str:
    return f"{leaf.shifts[0].value}({leaf.code})" if leaf.shifts else leaf.code
