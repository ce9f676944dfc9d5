"""What a user does to dictionaries of categories. The only place that writes them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.figures.indicators import services as indicators
from gangmu.figures.indicators.categories.definitions import Category, Dictionary, member_code
from gangmu.figures.indicators.categories.models import Category as CategoryRow
from gangmu.figures.indicators.categories.models import CategoryDictionary
from gangmu.figures.indicators.categories.queries import dictionaries
from gangmu.figures.indicators.categories.reading import Reading, read_categories
from gangmu.figures.indicators.categories.splitting import undivided
from gangmu.figures.indicators.loading.entries import Entry
from gangmu.figures.indicators.loading.entries import Reading as IndicatorReading
from gangmu.figures.indicators.loading.yamlfile import Problem
from gangmu.figures.indicators.taxes.queries import taxes
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.records.services import note

# The first and the last day that the figures of indicators speak of, by the indicators' codes.
DaysFiled = Callable[[Collection[str]], Mapping[str, tuple[date, date]]]
_days_filed: list[DaysFiled] = []


def register_days_filed(days: DaysFiled) -> None:
    """Told by whoever keeps figures, so that no category ends before the last of them."""
    _days_filed.append(days)


@dataclass
class LoadResult:
    """What a load did, in dictionaries, or why it did nothing. `members` counts the indicators made by it."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    members: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __str__(self) -> str:
        if self.problems:
            return _("Nothing was recorded. Problems: %(found)d.") % {"found": len(self.problems)}
        words = {name: getattr(self, name) for name in ("created", "changed", "unchanged", "members")}
        return (
            _(
                "Dictionaries of categories: %(created)d new, %(changed)d changed, %(unchanged)d as they were; "
                "indicators of new categories: %(members)d."
            )
            % words
        )


@transaction.atomic
def load_categories(source: Path | str, *, shipped: bool = False) -> LoadResult:
    """Record the dictionaries of a YAML file or text: all of it, or, when anything is wrong, nothing.

    A dictionary that exists is replaced; the indicators that are split by it get members for new categories, lose those
    of categories that are no more and had no figures. Shipped ones leave alone what was changed here.

    Raises:
        Unreadable: the file as a whole is not UTF-8 text of at most 2 MB.
    """
    reading = read_categories(source)
    book = indicators.locked()
    standing = dictionaries()
    rows = {str(row.code): row for row in CategoryDictionary.objects.all()}
    if shipped:
        local = {code for code, row in rows.items() if row.source == CategoryDictionary.Source.LOCAL}
        reading.dictionaries = [one for one in reading.dictionaries if one.code not in local]
    wanted = {one.code: one for one in reading.dictionaries}
    changed = [one for one in wanted.values() if standing.get(one.code) != one]
    split_anew = IndicatorReading()
    for one in changed:
        _refuse_lost_days(one, book.standing, reading)
        place = reading.places[one.code,]
        for definition in book.standing.values():
            if definition.split and definition.split.by == one.code:
                split_anew.entries.append(Entry.standing(undivided(definition), place))
    result = LoadResult()
    if not reading.problems:
        plan = indicators.plan(split_anew, book, {**standing, **wanted}, taxes())
        reading.problems += plan.problems
        if not reading.problems:
            result.members = indicators.apply(plan, book, keep_source=True)
    if reading.problems:
        return LoadResult(problems=sorted(dict.fromkeys(reading.problems), key=lambda one: (one.line, one.column)))
    for one in changed:
        _write(rows.get(one.code), one, shipped=shipped)
    result.created = sum(one.code not in standing for one in changed)
    result.changed = len(changed) - result.created
    result.unchanged = len(wanted) - len(changed)
    if changed:
        note("indicators.categories-defined", data={"dictionaries": [one.code for one in changed], "shipped": shipped})
    return result


def _refuse_lost_days(wanted: Dictionary, standing: Mapping[str, object], reading: Reading) -> None:
    """No category begins after the first, or ends before the last of its figures."""
    members: dict[str, Category] = {}
    for code, definition in standing.items():
        split = getattr(definition, "split", None)
        if split and split.by == wanted.code:
            members |= {member_code(code, one.code): one for one in wanted.categories if one.valid_from or one.valid_to}
    for days_filed in _days_filed if members else ():
        for code, (first, last) in sorted(days_filed(list(members)).items()):
            category = members[code]
            words = {"part": code, "first": first, "last": last}
            place = reading.places.get((wanted.code, category.code), reading.places[wanted.code,])
            if category.valid_from and first < category.valid_from:
                message = _("there are figures of %(part)s from %(first)s on; it cannot begin after.")
                reading.wrong(place, message % words)
            if category.valid_to and last > category.valid_to:
                message = _("there are figures of %(part)s up to %(last)s; it cannot end before.")
                reading.wrong(place, message % words)


def _write(row: CategoryDictionary | None, one: Dictionary, *, shipped: bool) -> None:
    row = row or CategoryDictionary(code=one.code)
    row.name_zh, row.name_en = one.name.zh, one.name.en
    row.source = CategoryDictionary.Source.SHIPPED if shipped else CategoryDictionary.Source.LOCAL
    row.save()
    kept = {str(category.code): category for category in CategoryRow.objects.filter(dictionary=row)}
    for position, wanted in enumerate(one.categories):
        category = kept.pop(wanted.code, None) or CategoryRow(dictionary=row, code=wanted.code)
        _fill(category, wanted.name, wanted, position)
    for category in kept.values():
        category.delete()


def _fill(category: CategoryRow, name: Words, wanted: Category, position: int) -> None:
    category.name_zh, category.name_en, category.position = name.zh, name.en, position
    category.valid_from, category.valid_to = wanted.valid_from, wanted.valid_to
    category.save()
