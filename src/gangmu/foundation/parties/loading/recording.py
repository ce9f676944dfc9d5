"""Writing what a file says: the differences to what is recorded, in bulk, in one transaction."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.foundation.parties.days import Days, minus
from gangmu.foundation.parties.loading.checking import Known, Placed, Plan, World, plan
from gangmu.foundation.parties.loading.reading import Table, read
from gangmu.foundation.parties.models import AttributeValue, Organisation, Placement
from gangmu.foundation.parties.tree import lock_tree, settle
from gangmu.foundation.settings.textfiles import Problem

BATCH = 2000
MOST_WARNINGS = 20
Segment = tuple[str, Days, str, Decimal | None]  # attribute, days, text, number


@dataclass
class LoadResult:
    """What a load did, in organisations, or why it did nothing."""

    lines: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return len({problem.line for problem in self.problems})

    def __str__(self) -> str:
        if self.problems:
            return _("Nothing was recorded. Problems: %(found)d.") % {"found": len(self.problems)}
        words = {"created": self.created, "changed": self.changed, "unchanged": self.unchanged}
        summary = _("Organisations: %(created)d new, %(changed)d changed, %(unchanged)d as they were.") % words
        told = [_("Warning: %(warning)s") % {"warning": warning} for warning in self.warnings[:MOST_WARNINGS]]
        if len(self.warnings) > MOST_WARNINGS:
            told.append(_("… and %(more)d more warnings") % {"more": len(self.warnings) - MOST_WARNINGS})
        return "\n".join([summary, *told])


@transaction.atomic
def load_organisations(path: Path) -> LoadResult:
    """Record the organisations of a CSV file: all of it, or, when anything is wrong, nothing.

    Columns: code, kind, name_zh, name_en, parent, valid_from, valid_to and the registered attributes. A line is
    known by its code and valid_from: given again with other content it is corrected. An attribute whose column the
    file does not have is left alone; a blank field means that there is no value during the line's days.

    Raises:
        Unreadable: the file as a whole is not such a table.
    """
    table = read(path)
    lock_tree()
    world = _recorded()
    planned = plan(table, world)
    result = LoadResult(lines=len(table.lines), problems=table.problems, warnings=table.warnings)
    if table.problems:
        return result
    before = set(world.organisations)
    changed = _write_organisations(planned, world)
    ids = {code: known.pk for code, known in world.organisations.items()}
    changed |= _write_attributes(planned, table, ids)  # first: none may outlive its placement, even for a moment
    changed |= _write_placements(planned, ids)
    settle()
    result.created = len(planned.lines.keys() - before)
    result.changed = len(changed & before)
    result.unchanged = len(planned.lines) - result.created - result.changed
    return result


def _recorded() -> World:
    world = World()
    for pk, code, *rest in Organisation.objects.order_by().values_list("id", "code", "kind", "name_zh", "name_en"):
        world.organisations[code] = Known(pk, *rest)
        world.placements[code] = []
    rows = Placement.objects.order_by("valid").values_list("child__code", "parent__code", "valid", "continued", "id")
    for child, parent, valid, continued, pk in rows:
        before, days = world.placements[child], Days.of(valid)
        if continued and before and (before[-1].parent, before[-1].days.end) == (parent or "", days.start):
            first = before.pop()
            before.append(replace(first, days=Days(first.days.start, days.end), pks=(*first.pks, pk)))
        else:
            before.append(Placed(child, parent or "", days, pks=(pk,)))
    return world


def _write_organisations(planned: Plan, world: World) -> set[str]:
    """Make new organisations and give known ones the names of their latest line."""
    new, renamed = [], []
    for code, lines in planned.lines.items():
        known = world.organisations.get(code)
        names = [
            next((name for line in reversed(lines) if (name := getattr(line, column))), "")
            for column in ("name_zh", "name_en")
        ]
        if known is None:
            kind = next(line.kind for line in lines if line.kind)
            new.append(Organisation(code=code, kind=kind, name_zh=names[0], name_en=names[1]))
        else:
            names = [name or old for name, old in zip(names, (known.name_zh, known.name_en), strict=True)]
            if names != [known.name_zh, known.name_en]:
                renamed.append(Organisation(pk=known.pk, code=code, name_zh=names[0], name_en=names[1]))
    for organisation in new + renamed:
        organisation.stamp()
    for organisation in Organisation.objects.bulk_create(new, batch_size=BATCH):
        known = Known(organisation.pk, organisation.kind, organisation.name_zh, organisation.name_en)
        world.organisations[organisation.code] = known
    Organisation.objects.bulk_update(renamed, ["name_zh", "name_en", "sort_key", "changed_at"], batch_size=BATCH)
    return {organisation.code for organisation in renamed}


def _write_placements(planned: Plan, ids: dict[str, int]) -> set[str]:
    """Replace the rows that the file corrects and add those that it brings; equal ones stay untouched."""
    gone: list[int] = []
    made: list[Placement] = []
    changed: set[str] = set()
    for code, lines in planned.lines.items():
        old = {(placed.parent, placed.days): placed.pks for placed in planned.replaced[code]}
        new = {(line.parent, line.days) for line in lines}
        if old.keys() == new:
            continue
        changed.add(code)
        gone += [pk for key, pks in old.items() if key not in new for pk in pks]
        made += [
            Placement(child_id=ids[code], parent_id=ids.get(parent), valid=days.valid)
            for parent, days in sorted(new - old.keys(), key=lambda key: key[1])
        ]
    Placement.objects.filter(pk__in=gone).delete()
    Placement.objects.bulk_create(made, batch_size=BATCH)
    return changed


def _write_attributes(planned: Plan, table: Table, ids: dict[str, int]) -> set[str]:
    """Bring the dated attributes of the file's organisations to what its lines say."""
    held = _held_attributes({ids[code]: code for code in planned.lines})
    gone: list[int] = []
    made: list[AttributeValue] = []
    changed: set[str] = set()
    for code in planned.lines:
        old = held[code]
        new = _segments(code, planned, old, set(table.columns))
        if old.keys() == new:
            continue
        changed.add(code)
        gone += [pk for segment, pks in old.items() if segment not in new for pk in pks]
        made += [
            AttributeValue(organisation_id=ids[code], name=name, value=text, number=number, valid=days.valid)
            for name, days, text, number in sorted(new - old.keys(), key=lambda segment: segment[:2])
        ]
    AttributeValue.objects.filter(pk__in=gone).delete()
    AttributeValue.objects.bulk_create(made, batch_size=BATCH)
    return changed


def _held_attributes(codes: dict[int, str]) -> dict[str, dict[Segment, tuple[int, ...]]]:
    """The attribute rows of some organisations, by code; those that the database has cut are one again."""
    held: dict[str, dict[Segment, tuple[int, ...]]] = defaultdict(dict)
    last: dict[tuple[int, str], Segment] = {}
    rows = AttributeValue.objects.order_by("valid").filter(organisation__in=codes)
    for pk, owner, name, text, number, valid, continued in rows.values_list(
        "id", "organisation_id", "name", "value", "number", "valid", "continued"
    ):
        segment, pks = (name, Days.of(valid), text, number), (pk,)
        before = last.get((owner, name))
        if continued and before and before[1].end == segment[1].start and before[2:] == segment[2:]:
            pks = (*held[codes[owner]].pop(before), pk)
            segment = (name, Days(before[1].start, segment[1].end), text, number)
        held[codes[owner]][segment] = pks
        last[owner, name] = segment
    return held


def _segments(code: str, planned: Plan, old: Iterable[Segment], columns: set[str]) -> set[Segment]:
    """The attribute rows of `code` after the load."""
    lines = planned.lines[code]
    stated = [line.days for line in lines] + [placed.days for placed in planned.replaced[code]]
    outside = minus(Days(), (placed.days for placed in planned.placements[code]))
    kept: set[Segment] = set()
    for name, days, text, number in old:
        holes = stated if name in columns else outside
        kept |= {(name, rest, text, number) for rest in minus(days, holes)}
    return kept | {(name, line.days, text, number) for line in lines for name, (text, number) in line.attributes}
