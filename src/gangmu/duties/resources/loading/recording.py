"""Taking over what the lines of a file say, in the caller's transaction: all of it, or the good lines."""

from dataclasses import dataclass

from psycopg.types.range import DateRange

from gangmu.duties.resources import services
from gangmu.duties.resources.errors import judged as judged_by_database
from gangmu.duties.resources.loading.judged import Judged, Outcome, Wanted
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock

BATCH = 1000


@dataclass
class Taken:
    """What a file came to, in resources, dependencies, and lines left out."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    needs: int = 0
    left_out: int = 0

    def told(self) -> dict[str, int]:
        return dict(self.__dict__)


def take_over(lines: list[Judged], scope: Scope, *, by: User | None) -> Taken:
    """Write the lines without faults, and let the database judge the graph that they make.

    Raises:
        ResourceRefused: of what the asker does not see, something speaks against it.
    """
    good = [one for one in lines if one.outcome is not Outcome.ERROR]
    taken = Taken(left_out=len(lines) - len(good))
    with judged_by_database():
        rows = _resources(good, scope, by, taken)
        _dependencies(good, rows, taken)
        _ends(good, rows)
    return taken


def _resources(good: list[Judged], scope: Scope, by: User | None, taken: Taken) -> dict[str, Resource]:
    rows: dict[str, Resource] = {}
    wanted: dict[str, Wanted] = {one.wanted.code: one.wanted for one in good}
    changed = {one.wanted.code for one in good if one.changes}
    new = []
    for code, one in wanted.items():
        if one.row is None:
            made = Resource(code=code, **one.values, valid=DateRange(one.start, one.until))
            services.require_at(scope, made.organisation_id)
            made.stamp()
            new.append(made)
            rows[code] = made
        else:
            rows[code] = one.row
            if one.values:
                rows[code] = services.change(one.row, one.values, based_on=one.row.version, by=by, scope=scope)
            taken.changed += code in changed
            taken.unchanged += code not in changed
    Resource.objects.bulk_create(new, BATCH)
    taken.created = len(new)
    return rows


def _dependencies(good: list[Judged], rows: dict[str, Resource], taken: Taken) -> None:
    absent = {one.need.on for one in good if one.need} - set(rows)
    known = rows | {str(row.code): row for row in Resource.objects.filter(code__in=absent)}
    new = []
    numbers: dict[tuple[int, str], int] = {}
    for one in good:
        need = one.need
        if need is None:
            continue
        resource = rows[one.wanted.code]
        if need.group and need.needed:
            numbers[resource.pk, need.group] = need.needed
        if need.held is not None:
            taken.needs += _changed(one)
            continue
        new.append(_made(resource, known[need.on], one))
    today = clock.today()
    for (pk, group), needed in numbers.items():
        resource = next(row for row in rows.values() if row.pk == pk)
        services.renumber(resource, group, needed, today)
    Dependency.objects.bulk_create(new, BATCH)
    taken.needs += len(new)


def _made(resource: Resource, on: Resource, one: Judged) -> Dependency:
    need = one.need
    assert need is not None
    return Dependency(
        organisation_id=resource.organisation_id,
        resource=resource,
        on=on,
        group=need.group or "",
        needed=need.needed if need.group else None,
        valid=DateRange(need.since, need.until),
    )


def _changed(one: Judged) -> bool:
    """Bring a dependency that stands already to what its line says."""
    need = one.need
    assert need is not None and need.held is not None
    columns = {column for column, _before, _after in one.changes}
    if {"group", "needed"} & columns:
        services.regroup(need.held, need.group or "", need.needed, clock.today())
    if "needs_to" in columns and need.until is not None:
        last = Dependency.objects.filter(resource=need.held.resource_id, on=need.held.on_id).order_by("valid").last()
        if last is not None:
            last.valid = DateRange(last.since, need.until)
            last.save(update_fields=["valid"])
    return bool({"group", "needed", "needs_to"} & columns)


def _ends(good: list[Judged], rows: dict[str, Resource]) -> None:
    """Those that leave the register, with what they need from then on."""
    ending = {one.wanted.code: one.wanted.until for one in good if one.wanted.row and one.wanted.until}
    for code, until in ending.items():
        resource = rows[code]
        for one in services.after(Dependency.objects.filter(resource=resource), until):
            services.cut(one, until)
        resource.valid = DateRange(resource.since, until)
        resource.version += 1
        resource.save(update_fields=["valid", "version"])
