"""What is wrong with the indicators of a file among all that are known, told at its place in the file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.consistency import Fault, faults
from gangmu.figures.indicators.definitions import DEFAULT_LEVEL, Grain, IndicatorDefinition, Making
from gangmu.figures.indicators.loading.entries import Entry, Reading
from gangmu.figures.indicators.loading.yamlfile import Problem
from gangmu.figures.indicators.timeline import MOST_DAYS, Timeline


def check(
    reading: Reading, known: Iterable[IndicatorDefinition], ranks: Mapping[str, int]
) -> tuple[Catalogue, list[Problem]]:
    """All indicators as they will be, and everything that is wrong with the file, in its order.

    Formulas without a grain or level get them here: the coarsest grain of their inputs; for formulas of cells the
    highest level among `unit` and their inputs', where these meet.

    Args:
        known: the indicators that exist; an entry with the same code takes its place.
        ranks: the kinds of organisation; a smaller rank is a higher level.
    """
    entries = reading.entries
    before = Catalogue(known)
    merged = dict(before) | {entry.code: entry.definition for entry in entries}
    catalogue = _with_defaults(Catalogue(merged.values()), {entry.code: entry for entry in entries}, ranks)
    by_code = {entry.code: entry for entry in entries}
    for entry in entries:
        entry.definition = catalogue[entry.code]
    after, earlier = Timeline(catalogue.values()), Timeline(before.values())
    problems = list(reading.problems)
    if len(after.days) > MOST_DAYS and entries:
        message = _("formulas may change on %(most)d days altogether; these would be %(found)d.")
        problems.append(entries[0].problem("earlier", message % {"most": MOST_DAYS, "found": len(after.days)}))
        return catalogue, problems
    for day, stretch in after.stretches():
        problems += _problems(day, stretch, earlier.on(day), by_code, reading, ranks)
    return catalogue, sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))


def _problems(
    day: date,
    catalogue: Catalogue,
    before: Catalogue,
    entries: Mapping[str, Entry],
    reading: Reading,
    ranks: Mapping[str, int],
) -> Iterator[Problem]:
    """What is wrong with the indicators from a day on."""
    changed = [code for code in entries if before.get(code) != catalogue[code]]
    # Also those that can no longer name what they need.
    dependants = catalogue.dependants(changed) | before.dependants(changed)
    disturbed = [code for code in catalogue if code in dependants and code not in entries]
    for fault in faults(catalogue, [*entries, *disturbed], ranks):
        if fault.unknown and fault.unknown in reading.unread:
            continue  # it is in the file and has a problem of its own
        entry = entries.get(fault.code)
        if entry:
            yield entry.problem(_key(fault.field, entry.definition, day), fault.message, fault.place)
        else:
            yield _told_at_cause(fault, (catalogue, before), entries)


def _key(field: str, definition: IndicatorDefinition, day: date) -> str:
    """Where in an entry a fault stands: the formula that is valid on `day` may be an earlier one."""
    number = sum(one.until < day for one in definition.earlier)
    return f"earlier.{number}" if field == "formula" and number < len(definition.earlier) else field


def _told_at_cause(fault: Fault, catalogues: tuple[Catalogue, ...], entries: Mapping[str, Entry]) -> Problem:
    """A standing indicator that no longer holds, told at the entry that disturbs it."""
    cause = next(
        entry
        for code, entry in entries.items()
        if any(fault.code in catalogue.dependants([code]) for catalogue in catalogues)
    )
    return cause.problem(
        "code",
        _("with this change, the existing indicator %(code)s no longer holds: %(why)s")
        % {"code": fault.code, "why": fault.message},
    )


def _with_defaults(catalogue: Catalogue, entries: Mapping[str, Entry], ranks: Mapping[str, int]) -> Catalogue:
    settled = dict(catalogue)
    for code in catalogue.depths():
        entry = entries.get(code)
        if entry is None or not entry.definition.formula:
            continue
        below = [settled[one] for one in catalogue.cells_below(code) if one in settled]
        grain, level = entry.definition.grain, entry.definition.level
        if "grain" not in entry.places and any(one.grain is Grain.MONTH for one in below):
            grain = Grain.MONTH
        if "level" not in entry.places and entry.definition.making is Making.CELL:
            levels = [DEFAULT_LEVEL, *(one.level for one in below)]
            level = min(levels, key=lambda kind: ranks.get(kind, len(ranks) + 10**6))
        settled[code] = replace(entry.definition, grain=grain, level=level)
    return Catalogue(settled.values())
