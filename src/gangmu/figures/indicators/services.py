"""What a user does to indicators. The only place that writes them."""

from bisect import bisect
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.categories.definitions import Dictionary
from gangmu.figures.indicators.categories.queries import dictionaries
from gangmu.figures.indicators.categories.splitting import expand
from gangmu.figures.indicators.consistency import faults
from gangmu.figures.indicators.decimals import written_precisions
from gangmu.figures.indicators.definitions import IndicatorDefinition
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.entries import Entry, Reading
from gangmu.figures.indicators.loading.outcome import Outcome
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.figures.indicators.loading.yamlfile import Problem
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of, written
from gangmu.figures.indicators.taxes.companions import accompany
from gangmu.figures.indicators.taxes.definitions import Tax
from gangmu.figures.indicators.taxes.queries import taxes
from gangmu.figures.indicators.units import parse_unit
from gangmu.foundation.parties import kinds
from gangmu.foundation.records.services import note

# What the stored figures of an indicator mean; it stands still once there are any.
MEANING = ("unit", "grain", "level", "over_time", "over_organisations", "weight", "settles")


class LoadResult(Outcome):
    """What a load of indicators did."""

    told = gettext_noop("Indicators: %(created)d new, %(changed)d changed, %(unchanged)d as they were.")


@dataclass
class Book:
    """All indicators as they stand; nobody else writes any until the transaction ends."""

    rows: dict[str, Indicator]
    standing: dict[str, IndicatorDefinition]
    ranks: dict[str, int]  # of the kinds of organisation


@dataclass
class Plan:
    """What a reading makes of the indicators: its entries with the parts of split ones and companions, and what goes.

    `gone` are parts that lose their whole or their category, and companions of what is told on one basis alone.
    """

    reading: Reading
    catalogue: Catalogue
    changed: list[Entry]
    gone: set[str]
    problems: list[Problem]


@transaction.atomic
def load_indicators(path: Path) -> LoadResult:
    """Record the indicators of a YAML file: all of it, or, when anything is wrong, nothing.

    An indicator that exists is replaced; what its stored figures mean cannot change any more. One that was shipped
    becomes local; shipped formulas that do not hold beside the file's are taken out.

    Raises:
        Unreadable: the file as a whole is not UTF-8 text of at most 2 MB.
    """
    book = locked()
    wanted = plan(read_indicators(path), book, dictionaries(), taxes())
    taken_out = _shipped_that_no_longer_hold(wanted.catalogue, wanted.reading, book) if wanted.problems else set()
    if taken_out:
        left = {code: definition for code, definition in book.standing.items() if code not in taken_out}
        wanted = plan(read_indicators(path), Book(book.rows, left, book.ranks), dictionaries(), taxes())
    if wanted.problems:
        return LoadResult(problems=wanted.problems)
    standing, entries = book.standing, [entry for entry in wanted.reading.entries if not entry.told_as]
    created = [entry for entry in entries if entry.code not in book.rows]
    different = {entry.code for entry in wanted.changed}
    changed = [entry for entry in entries if entry.code in book.rows and entry.code in different]
    try:
        with transaction.atomic():
            Indicator.objects.filter(code__in=taken_out).delete()
            apply(wanted, book)
    except FiguresTooLarge as error:
        return LoadResult(problems=[error.entry.problem("precision", str(error))])
    made_local = [entry for entry in changed if standing[entry.code].is_shipped]
    result = LoadResult(len(created) + len(made_local), len(changed) - len(made_local))
    result.unchanged = len(entries) - result.created - result.changed
    if wanted.changed or wanted.gone:
        data = {
            "file": path.name,
            "created": len(created),
            "changed": [entry.code for entry in changed],
            "taken_out": sorted(taken_out | wanted.gone),
        }
        note("indicators.loaded", data=data)
    return result


@transaction.atomic
def install_indicators(text: str) -> list[str]:
    """Record the shipped indicators of `text`; what was changed here stands. The codes that were kept back.

    Kept back is what would not hold beside the local indicators, or would change what stored figures mean; it stays as
    it is, or away.
    """
    book = locked()
    local = {code for code, definition in book.standing.items() if not definition.is_shipped}
    known, known_taxes, kept_back = dictionaries(), taxes(), list[str]()
    while True:
        reading = read_indicators(text)  # read anew: planning puts the parts of split ones into it
        reading.entries = [
            entry for entry in reading.entries if entry.code not in local and entry.code not in kept_back
        ]
        wanted = plan(reading, book, known, known_taxes)
        faulty = _at(wanted.problems, reading.entries)
        kept_back += sorted(faulty)
        if faulty:
            continue
        try:
            with transaction.atomic():
                apply(wanted, book, Indicator.Source.SHIPPED)
            break
        except FiguresTooLarge as error:
            kept_back.append(error.entry.told_as or error.entry.code)
    if kept_back:
        note("indicators.kept-back", data={"codes": kept_back})
    return kept_back


def plan(reading: Reading, book: Book, known: Mapping[str, Dictionary], known_taxes: Mapping[str, Tax]) -> Plan:
    """What a reading makes of the indicators, and everything that is wrong with it. Nothing is written."""
    standing = book.standing
    gone = expand(reading, standing, known)
    gone |= accompany(reading, standing, gone, known_taxes)
    left = {code: definition for code, definition in standing.items() if code not in gone}
    catalogue, problems = check(reading, left.values(), book.ranks)
    changed = [entry for entry in reading.entries if standing.get(entry.code) != entry.definition]
    replaced = [entry for entry in changed if entry.code in book.rows and entry.code in standing]
    problems += _changes_of_meaning(replaced, standing, book.rows) + _parts_that_are_needed(gone, reading, book)
    problems = sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))
    return Plan(reading, catalogue, changed, gone, problems)


def apply(wanted: Plan, book: Book, source: str = Indicator.Source.LOCAL, *, keep_source: bool = False) -> int:
    """Write what was planned; how many indicators are new. `keep_source`: those that stand, and the parts of those that
    stand, stay shipped or local as they are.

    Raises:
        FiguresTooLarge: what is stored of one does not fit with its decimals.
    """

    def source_of(entry: Entry) -> str:
        known = book.standing.get(entry.told_as or entry.code)
        if not keep_source or known is None:
            return source
        return Indicator.Source.SHIPPED if known.is_shipped else Indicator.Source.LOCAL

    Indicator.objects.filter(code__in=wanted.gone).delete()
    created = [entry for entry in wanted.changed if entry.code not in book.rows]
    Indicator.objects.bulk_create([_row(Indicator(), entry.definition, source_of(entry)) for entry in created])
    for entry in wanted.changed:
        if entry.code in book.rows:
            _save(entry, _row(book.rows[entry.code], entry.definition, source_of(entry)))
    return len(created)


def locked() -> Book:
    """Rows and definitions by code, and the ranks of kinds; nobody else writes any until the transaction ends."""
    with connection.cursor() as cursor:  # two loads at once could make a circle that neither of them sees
        cursor.execute("LOCK TABLE indicators_indicator IN SHARE ROW EXCLUSIVE MODE")
    rows = {str(row.code): row for row in Indicator.objects.all()}
    standing = {code: definition_of(row) for code, row in rows.items()}
    return Book(rows, standing, {kind.code: kind.rank for kind in kinds.all_kinds()})


def _at(problems: Collection[Problem], entries: list[Entry]) -> set[str]:
    """The codes of the entries in which problems stand; of a part, its whole."""
    lines = sorted({entry.line for entry in entries})
    faulty = {lines[max(bisect(lines, problem.line) - 1, 0)] for problem in problems if lines}
    return {entry.told_as or entry.code for entry in entries if entry.line in faulty}


def _parts_that_are_needed(gone: set[str], reading: Reading, book: Book) -> list[Problem]:
    """Parts and companions are taken away where nothing speaks of them: neither figures nor other indicators."""
    by_code = {entry.code: entry for entry in reading.entries}
    standing = Catalogue(book.standing.values())
    used = _codes_with_figures([book.rows[code] for code in sorted(gone)])
    problems: list[Problem] = []
    for code in sorted(gone):
        key, entry = _cause(code, book.standing, by_code)
        if entry is None:
            continue
        if code in used and key == "split":
            message = _("there are figures of its part %(part)s; keep the category, and end it with valid_to.")
            problems.append(entry.problem(key, message % {"part": code}))
        elif code in used:
            message = _("its companion %(part)s is in use; keep the tax.")
            problems.append(entry.problem(key, message % {"part": code}))
        others = sorted(standing.dependants([code]) - gone - set(by_code))
        if others:
            message = (
                _("its part %(part)s would be no more, but %(others)s needs it.")
                if key == "split"
                else _("its companion %(part)s would be no more, but %(others)s needs it.")
            )
            problems.append(entry.problem(key, message % {"part": code, "others": ", ".join(others[:5])}))
    return problems


def _cause(
    code: str, standing: Mapping[str, IndicatorDefinition], entries: Mapping[str, Entry]
) -> tuple[str, Entry | None]:
    """Which key of which entry takes a part or a companion away: of the companion of a part that goes, its whole's."""
    taxed = standing[code].taxed
    key, owner = ("tax", taxed.of) if taxed and taxed.of else ("split", code)
    member = standing[owner].member if owner in standing else None
    if owner in entries and key == "tax":
        return key, entries[owner]
    return key, entries.get(member.of) if member else None


def _shipped_that_no_longer_hold(catalogue: Catalogue, reading: Reading, book: Book) -> set[str]:
    """Shipped ones outside the file that have a fault beside it, where neither figures nor local ones need them."""
    given = {entry.code for entry in reading.entries}
    shipped = {code for code, definition in catalogue.items() if definition.is_shipped and code not in given}
    lost = {fault.code for fault in faults(catalogue, sorted(shipped), book.ranks)}
    lost |= catalogue.dependants(lost) & shipped
    needed = {code for code in lost if catalogue.dependants([code]) - lost}
    return lost - needed - _codes_with_figures([book.rows[code] for code in lost])


def _row(row: Indicator, definition: IndicatorDefinition, source: str = Indicator.Source.LOCAL) -> Indicator:
    row.source = source
    row.code, row.name_zh, row.name_en = definition.code, definition.name.zh, definition.name.en
    row.unit, row.precision, row.scale = definition.unit, definition.precision, definition.scale
    row.precisions = written_precisions(definition.precisions)
    row.grain, row.level = definition.grain.value, definition.level
    row.over_time = definition.over_time.value if definition.over_time else ""
    row.over_organisations = definition.over_organisations.value if definition.over_organisations else ""
    row.is_profit = definition.is_profit
    row.weight, row.formula = definition.weight or "", definition.formula
    row.earlier = written(definition.earlier)
    row.settles = definition.settles or ""
    split, member = definition.split, definition.member
    row.split_by, row.split_total = (split.by, split.total.value) if split else ("", "")
    row.member_of, row.category = (member.of, member.category) if member else ("", "")
    row.valid_from, row.valid_to = (member.valid_from, member.valid_to) if member else (None, None)
    taxed = definition.taxed
    row.tax_basis, row.tax, row.tax_of = (taxed.basis.value, taxed.tax, taxed.of) if taxed else ("", "", "")
    return row


class FiguresTooLarge(Exception):
    """What is stored of an indicator would not fit with the decimals that it shall have."""

    def __init__(self, entry: Entry, message: str) -> None:
        super().__init__(message)
        self.entry = entry


def _save(entry: Entry, row: Indicator) -> None:
    """Save a changed one. Its stored figures are multiplied when it gets more decimals than it ever had."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        told = told_too_large(error)
        if told is None:
            raise
        raise FiguresTooLarge(entry, told) from error


def told_too_large(error: IntegrityError) -> str | None:
    """What to say where figures that are stored do not fit with more decimals; None for other errors."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None or diagnosis.constraint_name != "figures_fit_with_more_decimals":
        return None
    return _("a figure of this indicator is too large for so many decimals: %(which)s. Nothing was changed.") % {
        "which": diagnosis.message_detail
    }


def _changes_of_meaning(
    changed: list[Entry], standing: dict[str, IndicatorDefinition], rows: dict[str, Indicator]
) -> list[Problem]:
    problems: list[Problem] = []
    used = _codes_with_figures([rows[entry.code] for entry in changed])
    for entry in changed:
        if entry.code not in used:
            continue
        before, after = standing[entry.code], entry.definition
        for key in MEANING:
            old, new = getattr(before, key), getattr(after, key)
            if key == "unit" and same_unit(old, new):
                continue
            if old != new and (key in entry.places or before.making == after.making):
                message = _(
                    "there are figures of this indicator; its %(key)s stays %(old)s and cannot become %(new)s. "
                    "Make a new indicator with another code."
                ) % {"key": key, "old": "–" if old is None else old, "new": "–" if new is None else new}
                problems.append(entry.problem(key, message))
        if fewer_decimals(before, after):
            problems.append(entry.problem("precision", told_fewer(before, after)))
        if before.making != after.making:
            message = _(
                "there are figures of this indicator; it cannot become a formula. "
                "Make a new indicator with another code."
            )
            problems.append(entry.problem("formula", message))
    return problems


def fewer_decimals(before: IndicatorDefinition, after: IndicatorDefinition) -> bool:
    """Whether what is stored of an indicator could not be kept with the decimals that it would have."""
    return not before.formula and not after.formula and after.scale < before.scale


def told_fewer(before: IndicatorDefinition, after: IndicatorDefinition) -> str:
    """What to do instead of taking decimals away."""
    return _(
        "there are figures of this indicator with up to %(old)d decimals; none is lost. Let it have %(new)d from a "
        "day on: precisions: [{until: …, precision: %(old)d}]."
    ) % {"old": before.scale, "new": after.scale}


def same_unit(one: str, other: str) -> bool:
    """Whether these are spellings of one unit (kWh, 千瓦时)."""
    unit, other_unit = parse_unit(one), parse_unit(other)
    return unit.converts_to(other_unit) and unit.factor == other_unit.factor


def _codes_with_figures(indicators: Collection[Indicator]) -> set[str]:
    """The codes of those to which rows of any table refer: facts, and whatever later rooms make of indicators."""
    by_id = {indicator.pk: str(indicator.code) for indicator in indicators}
    found: set[int] = set()
    for relation in Indicator._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and by_id:
            column = f"{relation.field.name}_id"
            rows = relation.related_model._base_manager
            found |= {pk for pk in by_id if rows.filter(**{column: pk}).exists()}
    return {by_id[pk] for pk in found}
