"""What a user does to indicators. The only place that writes them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext as _

from gangmu.figures.indicators.definitions import IndicatorDefinition
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import Entry, read_indicators
from gangmu.figures.indicators.loading.yamlfile import Problem
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of
from gangmu.figures.indicators.units import parse_unit
from gangmu.foundation.parties import kinds
from gangmu.foundation.records.services import note

# What the stored figures of an indicator mean; it stands still once there are any.
MEANING = ("unit", "precision", "grain", "level", "over_time", "over_organisations", "weight")


@dataclass
class LoadResult:
    """What a load did, in indicators, or why it did nothing."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __str__(self) -> str:
        if self.problems:
            return _("Nothing was recorded. Problems: %(found)d.") % {"found": len(self.problems)}
        words = {"created": self.created, "changed": self.changed, "unchanged": self.unchanged}
        return _("Indicators: %(created)d new, %(changed)d changed, %(unchanged)d as they were.") % words


@transaction.atomic
def load_indicators(path: Path) -> LoadResult:
    """Record the indicators of a YAML file: all of it, or, when anything is wrong, nothing.

    An indicator that exists is replaced; what its stored figures mean cannot change any more.

    Raises:
        Unreadable: the file as a whole is not UTF-8 text of at most 2 MB.
    """
    reading = read_indicators(path)
    with connection.cursor() as cursor:  # two loads at once could make a circle that neither of them sees
        cursor.execute("LOCK TABLE indicators_indicator IN SHARE ROW EXCLUSIVE MODE")
    rows = {str(row.code): row for row in Indicator.objects.all()}
    standing = {code: definition_of(row) for code, row in rows.items()}
    ranks = {kind.code: kind.rank for kind in kinds.all_kinds()}
    _catalogue, problems = check(reading, standing.values(), ranks)
    changed = [entry for entry in reading.entries if standing.get(entry.code, entry.definition) != entry.definition]
    problems += _changes_of_meaning(changed, standing, rows)
    if problems:
        return LoadResult(problems=sorted(problems, key=lambda problem: (problem.line, problem.column)))
    created = [entry for entry in reading.entries if entry.code not in rows]
    Indicator.objects.bulk_create([_row(Indicator(), entry.definition) for entry in created])
    for entry in changed:
        _row(rows[entry.code], entry.definition).save()
    if created or changed:
        data = {"file": path.name, "created": len(created), "changed": [entry.code for entry in changed]}
        note("indicators.loaded", data=data)
    return LoadResult(len(created), len(changed), len(reading.entries) - len(created) - len(changed))


def _row(row: Indicator, definition: IndicatorDefinition) -> Indicator:
    row.code, row.name_zh, row.name_en = definition.code, definition.name.zh, definition.name.en
    row.unit, row.precision = definition.unit, definition.precision
    row.grain, row.level = definition.grain.value, definition.level
    row.over_time = definition.over_time.value if definition.over_time else ""
    row.over_organisations = definition.over_organisations.value if definition.over_organisations else ""
    row.weight, row.formula = definition.weight or "", definition.formula
    return row


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
            if key == "unit" and _same_unit(old, new):
                continue
            if old != new and (key in entry.places or before.making == after.making):
                message = _(
                    "there are figures of this indicator; its %(key)s stays %(old)s and cannot become %(new)s. "
                    "Make a new indicator with another code."
                ) % {"key": key, "old": "–" if old is None else old, "new": "–" if new is None else new}
                problems.append(entry.problem(key, message))
        if before.making != after.making:
            message = _(
                "there are figures of this indicator; it cannot become a formula. "
                "Make a new indicator with another code."
            )
            problems.append(entry.problem("formula", message))
    return problems


def _same_unit(one: str, other: str) -> bool:
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
