"""What reports there are, as the business rooms register them. A definition is YAML:

code: power_daily
title: {zh: 经营日报, en: Daily operations report}
grain: day                              # a period of this kind: day, week, month, year …
kinds: [group, region]                  # whom editions are issued for
issue: {at: "09:30", again: ["12:00"]}  # of yesterday's, in the business zone
units: {MWh: {zh: {name: 万kWh, tens: 1}, en: {name: GWh, tens: 3}}}
standing: [generation]                  # by which indicators an organisation counts as reported and approved
sections:
  - code: main
    title: {zh: 主要指标, en: Main figures}
    blocks: [{kind: table, indicators: [generation, utilisation_hours]}]
brief: [{rule: figure, indicator: generation}]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.kinds import Kind

BLOCKS = ("figures", "table", "groups", "trend", "states", "members", "filing")


@dataclass(frozen=True)
class ShownUnit:
    """How a unit is written in one language: its name, and by how many tens a figure is divided for it.

    Powers of ten alone: the digits stay those that the cube has rounded.
    """

    name: str
    tens: int = 0


@dataclass(frozen=True)
class BlockDefinition:
    """A table, chart or list.

    `figures`: the period's figures, large. `table`: indicators by period and to date. `groups`: one indicator by
    children, fuel or province. `trend`: the last periods beside those of a year ago. `states`: counts that make up a
    whole. `members`: organisations of a kind (or the lowest) ranked by the first indicator. `filing`: how many have
    filed and at which state they stand.
    """

    kind: str
    indicators: tuple[str, ...] = ()
    title: Words | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SectionDefinition:
    """A part with a heading. `awaited`: its indicators may come with a later version; until then it is left out."""

    code: str
    title: Words
    blocks: tuple[BlockDefinition, ...]
    awaited: bool = False
    covers_all: bool = False  # everybody of the indicators' level files them: say where somebody is missing


@dataclass(frozen=True)
class ReportDefinition:
    """One report. `issue_at` and `issue_again` are times of the business day after the period's last."""

    code: str
    title: Words
    grain: Kind
    kinds: tuple[str, ...]
    sections: tuple[SectionDefinition, ...]
    standing: tuple[str, ...] = ()
    brief: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    units: Mapping[str, Mapping[str, ShownUnit]] = field(default_factory=dict, hash=False)
    issue_at: time | None = None
    issue_again: tuple[time, ...] = ()

    @property
    def indicators(self) -> set[str]:
        """Every indicator that is named, those awaited too."""
        named = {code for section in self.sections for block in section.blocks for code in block.indicators}
        return named | set(self.standing)

    @property
    def awaited(self) -> set[str]:
        """Indicators that need not exist yet."""
        return {
            code for one in self.sections if one.awaited for block in one.blocks for code in block.indicators
        } - set(self.standing)


def definition_of(given: Mapping[str, Any]) -> ReportDefinition:
    """A definition as it is written in YAML.

    Raises:
        ValueError: a block of a kind that does not exist.
    """
    issue = given.get("issue") or {}
    return ReportDefinition(
        code=given["code"],
        title=Words(**given["title"]),
        grain=Kind(given["grain"]),
        kinds=tuple(given["kinds"]),
        sections=tuple(_section(one) for one in given["sections"]),
        standing=tuple(given.get("standing", ())),
        brief=tuple(given.get("brief", ())),
        units={
            unit: {language: ShownUnit(**shown) for language, shown in languages.items()}
            for unit, languages in (given.get("units") or {}).items()
        },
        issue_at=time.fromisoformat(issue["at"]) if "at" in issue else None,
        issue_again=tuple(map(time.fromisoformat, issue.get("again", ()))),
    )


def _section(given: Mapping[str, Any]) -> SectionDefinition:
    return SectionDefinition(
        given["code"],
        Words(**given["title"]),
        tuple(_block(one) for one in given["blocks"]),
        bool(given.get("awaited")),
        bool(given.get("covers_all")),
    )


def _block(given: Mapping[str, Any]) -> BlockDefinition:
    if given["kind"] not in BLOCKS:
        raise ValueError(f"there is no block {given['kind']!r}; known: {', '.join(BLOCKS)}")
    codes: Sequence[str] = given.get("indicators") or ([given["indicator"]] if "indicator" in given else [])
    options = {name: value for name, value in given.items() if name not in ("kind", "indicators", "indicator", "title")}
    title = Words(**given["title"]) if "title" in given else None
    return BlockDefinition(given["kind"], tuple(codes), title, options)


_reports: dict[str, ReportDefinition] = {}


def register(report: ReportDefinition) -> None:
    """Add a report. A second one with the same code replaces the first."""
    _reports[report.code] = report


def unregister(code: str) -> None:
    """Take a report out again (for tests)."""
    _reports.pop(code, None)


def reports() -> list[ReportDefinition]:
    return list(_reports.values())


def report(code: str) -> ReportDefinition | None:
    return _reports.get(code)
