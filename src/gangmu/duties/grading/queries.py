"""What grades there are: those in force, those in hand, and those that supporting systems take from what needs them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.scheme import Scheme
from gangmu.duties.grading.shipped import schemes
from gangmu.duties.resources.models import Kind, Resource
from gangmu.foundation.settings import clock

GRADED_KINDS = (Kind.SYSTEM, Kind.SERVICE, Kind.PLATFORM, Kind.DATA_SET)
Status = Grading.Status


@dataclass(frozen=True)
class Inherited:
    """A grade that a supporting system takes.

    `path` leads from the supporting system to the one that gives the grade, by ids; `sources` counts the graded
    systems that need it.
    """

    result: str
    path: tuple[int, ...]
    sources: int


@dataclass(frozen=True)
class Standing:
    """Where a system stands by one scheme: in force, in hand, and what a supporting one takes."""

    scheme: Scheme
    in_force: Grading | None = None
    in_hand: Grading | None = None
    inherited: Inherited | None = None

    @property
    def result(self) -> str:
        """The result that counts today; empty without one. A supporting system's is what it takes."""
        if self.inherited is not None:
            return self.inherited.result
        return self.in_force.result if self.in_force else ""

    @property
    def is_behind(self) -> bool:
        """Whether a supporting system's catalogue is still that of another grade, or of none."""
        return self.inherited is not None and (self.in_force is None or self.in_force.result != self.inherited.result)


def gradable() -> QuerySet[Resource]:
    """What is graded, in the asker's scope and today in the register; machine rooms, racks and feeds are not."""
    rows = Resource.objects.filter(valid__contains=clock.today(), kind__in=GRADED_KINDS)
    return rows.select_related("organisation")


def inherited(resources: Collection[int], scheme: Scheme, day: date | None = None) -> dict[int, Inherited]:
    """The grades that supporting systems take on a day; those that nothing graded needs are left out."""
    if not resources or not scheme.propagates:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resource_id, result, path, sources FROM public.grading_inherited(%s::bigint[], %s, %s::text[], %s)",
            [sorted(set(resources)), scheme.code, list(scheme.result.levels), day or clock.today()],
        )
        return {one: Inherited(result, tuple(path), sources) for one, result, path, sources in cursor.fetchall()}


def standings(resources: Collection[Resource]) -> dict[int, dict[str, Standing]]:
    """Where systems stand today, by resource and scheme: three questions, however many systems."""
    ids = [one.pk for one in resources]
    rows: dict[tuple[int, str, bool], Grading] = {}
    live = Grading.objects.filter(resource_id__in=ids, status__in=["in_force", "open", "submitted", "returned"])
    for grading in live:
        rows[grading.resource_id, grading.scheme, grading.status == Status.IN_FORCE] = grading
    supporting = [one.pk for one in resources if one.supporting]
    taken = {scheme.code: inherited(supporting, scheme) for scheme in schemes().values()}
    return {
        one: {
            code: Standing(scheme, rows.get((one, code, True)), rows.get((one, code, False)), taken[code].get(one))
            for code, scheme in schemes().items()
        }
        for one in ids
    }


def standings_of(resource: Resource) -> dict[str, Standing]:
    """Where one system stands."""
    return standings([resource])[resource.pk]


def named(ids: Iterable[int]) -> Mapping[int, Resource]:
    """Resources by id, those outside the asker's scope left out."""
    return Resource.objects.in_bulk(list(ids))


def supported_by(resource: Resource, scheme: Scheme) -> list[tuple[Resource, Inherited]]:
    """The supporting systems in scope that take their grade through a path that begins with this system."""
    rows = list(gradable().filter(supporting=True))
    taken = inherited([row.pk for row in rows], scheme)
    return [(row, taken[row.pk]) for row in rows if row.pk in taken and taken[row.pk].path[-1] == resource.pk]


def history(resource: Resource) -> QuerySet[Grading]:
    """All gradings of a system, the latest first."""
    return Grading.objects.filter(resource=resource).order_by("-pk").select_related("resource", "organisation")
