"""What a form says: sections of items, deadlines, routes and rules, as read from YAML or from a stored version.

```yaml
code: coal_daily
name: {zh: 燃煤电厂日报, en: Coal plant daily form}
grain: day                            # day | month
scenario: actual
route: plant_daily                    # of approvals
correction_route: correction
due: {days: 1, time: "09:00"}         # after the period's last day, business time
locks: {days: 3, time: "12:00"}       # approved sheets are locked then; left out: by hand
filed_by: {kinds: [plant], fuels: [coal], having: {cogeneration: ["yes"]}, lacking: {grid: [isolated]}}
                                      # organisations that must file, by kind and dated attributes; left out: any
choices:
  unit_state: [{value: 1, code: running, zh: 运行, en: Running}, …]
sections:
  - {code: units, name: {zh: 机组, en: Units}, level: unit, items: [
      {indicator: generation, required: true, out_of_service: zero},
      {indicator: unit_state, choices: unit_state, out_of_service: blank}]}
  - {code: reservoirs, name: {zh: 水库, en: Reservoirs}, level: reservoir, or_self: true, items: [
      {indicator: opening_level, opens_with: closing_level}]}
  - {code: plant, name: {zh: 全厂, en: Plant}, level: self, items: [
      {indicator: coal_stock_opening, opens_with: coal_stock}]}
rules:
  - {code: generation_within_capacity, strength: warning, left: generation, operator: "<=", right: capacity_mwh,
     tolerance: {percent: 2}, missing: {left: skip, right: skip}, months: [6, 7, 8],
     name: {zh: 发电量不超过装机, en: Generation within capacity},
     advice: {zh: 请核对抄表或说明原因, en: Check the meter or say why}}
history: {indicators: [generation], days: 60, at_least: 14, z: 6}
neighbours: {indicators: [wind_hours], z: 5, at_least: 4}
```

`level: self` is the filing organisation itself; another level are the organisations of that kind below it on the
period's last day; with `or_self` the filing organisation itself where it has none. A rule is checked where its
indicators meet: at the highest level among them, what is filed below being added up by its own rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Literal

from gangmu.foundation.parties.kinds import Words

SELF = "self"
Strength = Literal["error", "warning"]
Operator = Literal["<=", "<", ">=", ">", "=", "!="]
Missing = Literal["skip", "zero", "fault"]


@dataclass(frozen=True)
class Moment:
    """A time of day some days after the last day of a period, in business time."""

    days: int
    time: time

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Moment":
        return cls(int(given.get("days", 0)), time.fromisoformat(str(given["time"])))


@dataclass(frozen=True)
class ChoiceOption:
    """One of the values of an indicator that is chosen rather than counted."""

    value: int
    code: str
    name: Words


@dataclass(frozen=True)
class Item:
    """One indicator of a form.

    `out_of_service` says what a cell becomes when its organisation stands still: the figure 0, or nothing.
    `opens_with` names the indicator whose value of the period before is carried forward.
    """

    indicator: str
    required: bool = False
    out_of_service: Literal["zero", "blank", ""] = ""
    opens_with: str = ""
    choices: tuple[ChoiceOption, ...] = ()


@dataclass(frozen=True)
class Section:
    """Items that are filed at one level; with `or_self` by the organisation itself where none of it is below."""

    code: str
    name: Words
    level: str
    items: tuple[Item, ...]
    or_self: bool = False


@dataclass(frozen=True)
class RuleDefinition:
    """left operator right, for each organisation of the highest level among the indicators of both sides.

    `tolerance_percent` widens the right side by a share of its size, `tolerance` by an amount in its unit.
    """

    code: str
    strength: Strength
    left: str
    operator: Operator
    right: str
    name: Words
    advice: Words
    missing_left: Missing = "skip"
    missing_right: Missing = "skip"
    tolerance: str = "0"
    tolerance_percent: str = "0"
    months: tuple[int, ...] = ()


@dataclass(frozen=True)
class Statistics:
    """A comparison with an organisation's own past, or with its neighbours on the same day, by robust z."""

    indicators: tuple[str, ...] = ()
    days: int = 60
    at_least: int = 14
    z: str = "6"


@dataclass(frozen=True)
class FormDefinition:
    """One version of a form.

    `having` and `lacking` are attributes with values: who files has one of the values of each of the former, and none
    of the latter, on the period's last day.
    """

    code: str
    name: Words
    grain: Literal["day", "month"]
    scenario: str
    route: str
    correction_route: str
    due: Moment | None
    locks: Moment | None
    kinds: tuple[str, ...]
    fuels: tuple[str, ...]
    sections: tuple[Section, ...]
    rules: tuple[RuleDefinition, ...] = ()
    history: Statistics = field(default_factory=Statistics)
    neighbours: Statistics = field(default_factory=Statistics)
    having: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lacking: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def items(self) -> dict[str, Item]:
        """Every item by its indicator's code."""
        return {item.indicator: item for section in self.sections for item in section.items}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "FormDefinition":
        """Read a definition as it is stored, or as a YAML file gives it.

        Raises:
            KeyError, ValueError, TypeError: it is not of this shape; `loading` says so with the place.
        """
        filed_by = given.get("filed_by", {})
        choices = {name: tuple(map(_option, rows)) for name, rows in (given.get("choices") or {}).items()}
        return cls(
            code=given["code"],
            name=_words(given["name"]),
            grain=given.get("grain", "day"),
            scenario=given.get("scenario", "actual"),
            route=given["route"],
            correction_route=given.get("correction_route", given["route"]),
            due=Moment.from_json(given["due"]) if given.get("due") else None,
            locks=Moment.from_json(given["locks"]) if given.get("locks") else None,
            kinds=tuple(filed_by.get("kinds", ())),
            fuels=tuple(filed_by.get("fuels", ())),
            sections=tuple(_section(row, choices) for row in given["sections"]),
            rules=tuple(_rule(row) for row in given.get("rules") or ()),
            history=_statistics(given.get("history") or {}),
            neighbours=_statistics(given.get("neighbours") or {}),
            having=_attributes(filed_by.get("having") or {}),
            lacking=_attributes(filed_by.get("lacking") or {}),
        )


def _attributes(given: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(map(str, values))) for name, values in given.items())


def _words(given: Mapping[str, str]) -> Words:
    return Words(given["zh"], given["en"])


def _option(row: Mapping[str, Any]) -> ChoiceOption:
    return ChoiceOption(int(row["value"]), row["code"], _words(row))


def _section(row: Mapping[str, Any], choices: Mapping[str, tuple[ChoiceOption, ...]]) -> Section:
    items = tuple(_item(item, choices) for item in row["items"])
    return Section(row["code"], _words(row["name"]), row["level"], items, or_self=bool(row.get("or_self", False)))


def _item(row: Mapping[str, Any], choices: Mapping[str, tuple[ChoiceOption, ...]]) -> Item:
    return Item(
        indicator=row["indicator"],
        required=bool(row.get("required", False)),
        out_of_service=row.get("out_of_service", ""),
        opens_with=row.get("opens_with", ""),
        choices=choices[row["choices"]] if row.get("choices") else (),
    )


def _rule(row: Mapping[str, Any]) -> RuleDefinition:
    missing, tolerance = row.get("missing") or {}, row.get("tolerance") or {}
    return RuleDefinition(
        code=row["code"],
        strength=row.get("strength", "warning"),
        left=str(row["left"]),
        operator=row["operator"],
        right=str(row["right"]),
        name=_words(row["name"]),
        advice=_words(row["advice"]),
        missing_left=missing.get("left", "skip"),
        missing_right=missing.get("right", "skip"),
        tolerance=str(tolerance.get("amount", "0")),
        tolerance_percent=str(tolerance.get("percent", "0")),
        months=tuple(row.get("months") or ()),
    )


def _statistics(row: Mapping[str, Any]) -> Statistics:
    base = Statistics()
    return Statistics(
        indicators=tuple(row.get("indicators") or ()),
        days=int(row.get("days", base.days)),
        at_least=int(row.get("at_least", base.at_least)),
        z=str(row.get("z", base.z)),
    )
