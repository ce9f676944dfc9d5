"""The services that a grade promises 服务目录: the rows of the standard's table for its cell, one line a service.

Rows of one topic are one service: a hotline in working time and one outside it are one hotline, with both hours.
"""

from dataclasses import dataclass
from typing import Any

from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.scheme import Scheme, Words
from gangmu.duties.grading.shipped import shipped
from gangmu.duties.norms import shipped as norms
from gangmu.duties.norms.errors import NormsError, UnknownStandard
from gangmu.duties.norms.models import Baseline
from gangmu.duties.norms.queries import current_edition, frozen
from gangmu.duties.norms.resolving import Resolved, resolve
from gangmu.duties.norms.services import freeze_baseline
from gangmu.duties.norms.standard import Entry, Standard
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.errors import NotAllowed

TABLE = "T"  # sections that are rows of a table: T1-8
NOTE = "note"
WHEN = ("hours", "working_days", "standby")  # the parameters that say when, how fast, or with which standby
UNITS = {
    "hours": Words("{} 小时内", "within {} hours"),
    "working_days": Words("{} 个工作日内", "within {} working days"),
}
ONE = Words("1 个工作日内", "within 1 working day")


@dataclass(frozen=True)
class Service:
    """One service of a grade: its group, when it is given (or how fast, or with which standby), and its clauses."""

    group: Words
    name: Words
    hours: Words
    clause: str

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Service":
        return cls(Words(**given["group"]), Words(**given["name"]), Words(**given["hours"]), given["clause"])

    def as_json(self) -> dict[str, Any]:
        parts = {"group": self.group, "name": self.name, "hours": self.hours}
        return {name: {"zh": words.zh, "en": words.en} for name, words in parts.items()} | {"clause": self.clause}


def promised(scheme: Scheme, result: str) -> list[Service]:
    """The services that a scheme's result promises, in the standard's order; none where it has no catalogue."""
    if not scheme.catalogue:
        return []
    try:
        standard = norms.shipped(scheme.catalogue)
    except UnknownStandard:  # its clauses are not shipped with this installation
        return []
    return services_in(resolve(standard, scheme.cell.format(result), {}))


def freeze(grading: Grading, scheme: Scheme, by: User | None) -> tuple[Baseline | None, list[Service]]:
    """Freeze the clauses of the grade's cell as the system's baseline, and the services that they promise.

    Raises:
        NotAllowed: the roles of `by` do not let them freeze baselines at the system's owner.
    """
    if not scheme.catalogue:
        return None, []
    try:
        edition = current_edition(scheme.catalogue)
        cell = scheme.cell.format(grading.result)
        baseline = freeze_baseline(by, grading.organisation, str(grading.resource.code), edition, cell, {})
    except UnknownStandard:
        return None, []
    except NormsError as error:
        raise NotAllowed(str(error)) from error
    return baseline, services_in(frozen(baseline))


def services_in(resolved: Resolved) -> list[Service]:
    """The services among the clauses of a cell."""
    standard = resolved.standard
    topics: dict[str, list[Entry]] = {}
    for one in resolved.held:
        if one.entry.section.startswith(TABLE) and NOTE not in one.entry.section:
            topics.setdefault(one.entry.topic, []).append(one.entry)
    return [_service(standard, topic, entries) for topic, entries in topics.items()]


def _service(standard: Standard, topic: str, entries: list[Entry]) -> Service:
    section = standard.sections[entries[0].section].name
    hours = [words for entry in entries if (words := _when(standard, entry)) is not None]
    return Service(
        group=Words(section.zh.partition("：")[0], section.en.partition(":")[0]),
        name=Words(standard.topics[topic].name.zh, standard.topics[topic].name.en),
        hours=Words("、".join(one.zh for one in hours), ", ".join(one.en for one in hours)),
        clause=", ".join(entry.key for entry in entries),
    )


def _when(standard: Standard, entry: Entry) -> Words | None:
    """When an entry's service is given, how fast, or with which standby; None where the standard says nothing."""
    for name in WHEN:
        if name not in entry.values:
            continue
        value = entry.values[name]
        parameter = standard.topics[entry.topic].parameters[name]
        if parameter.kind in UNITS:
            unit = ONE if (parameter.kind, value) == ("working_days", "1") else UNITS[parameter.kind]
            return Words(unit.zh.format(value), unit.en.format(value))
        shown = parameter.shown(value)
        return Words(shown.zh, shown.en)
    return None


def services_of(grading: Grading) -> list[Service]:
    """The services of a grade as they were frozen; of one that is not in force yet, those that it would promise."""
    if grading.confirmed_at is not None:
        return [Service.from_json(one) for one in grading.catalogue]
    return promised(shipped(grading.scheme), grading.result)
