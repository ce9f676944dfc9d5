"""What is done with the register: register, change and end resources; record and end dependencies.

The only place that writes it, but for `loading`, which takes whole files over by the same verbs. Everything asks for
`resources:change` at the owner of the resource that needs; what it needs may be anybody's whom the asker sees.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from gangmu.duties.resources.errors import ResourceRefused, judged
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.duties.resources.rights import CHANGE
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.days import Days
from gangmu.foundation.records.services import note

CHANGEABLE = (
    *("organisation", "code", "kind", "name_zh", "name_en", "supporting"),
    *("responsible", "post", "attributes", "remark"),
)


def require_at(scope: Scope, organisation_id: int) -> None:
    """Refuse who does not keep the register of an organisation."""
    if not scope.may_at(CHANGE, organisation_id):
        raise PermissionDenied


def taken(codes: list[str]) -> set[str]:
    """Which of the codes are in use, in whatever branch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM resources_taken(%s)", [codes])
        return {code for (code,) in cursor.fetchall()}


@transaction.atomic
def register(values: Mapping[str, Any], since: date, *, by: User | None, scope: Scope) -> Resource:
    """Put a resource into the register, from a day on.

    Args:
        values: those of `CHANGEABLE` that it has.

    Raises:
        PermissionDenied: `by` does not keep the register of its owner.
        ResourceRefused: its code is taken.
    """
    resource = Resource(**values, valid=DateRange(since, None))
    require_at(scope, resource.organisation_id)
    _check_post(resource)
    with judged():
        resource.save()
    _note("resources.registered", resource, by)
    return resource


@transaction.atomic
def change(resource: Resource, values: Mapping[str, Any], *, based_on: int, by: User | None, scope: Scope) -> Resource:
    """Change what the register says of a resource; nothing when it says so already.

    Args:
        based_on: the `version` that the change was made from.

    Raises:
        PermissionDenied: `by` does not keep the register of its owner, or of the one that it would get.
        ResourceRefused: its code is taken, or somebody changed it meanwhile.
    """
    require_at(scope, resource.organisation_id)
    resource = Resource.objects.select_for_update().get(pk=resource.pk)
    changed = sorted(name for name, value in values.items() if getattr(resource, name) != value)
    if not changed:
        return resource
    if resource.version != based_on:
        raise ResourceRefused(
            _("Somebody has changed this resource since you opened the page. Open it anew and change it there.")
        )
    for name in changed:
        setattr(resource, name, values[name])
    require_at(scope, resource.organisation_id)
    _check_post(resource)
    resource.version += 1
    with judged():
        resource.save(update_fields=[*changed, "version"])
    _note("resources.changed", resource, by, changed=changed)
    return resource


def _check_post(resource: Resource) -> None:
    if resource.post is not None and resource.post.organisation_id != resource.organisation_id:
        raise ResourceRefused(_("The responsible post is one of the owner's own posts."), "post")


@transaction.atomic
def end(resource: Resource, last_day: date, *, by: User | None, scope: Scope) -> Resource:
    """Take a resource out of the register after its last day; with it goes what it needs, from then on.

    Raises:
        PermissionDenied: `by` does not keep the register of its owner.
        ResourceRefused: others need it for longer, or the day is before its first.
    """
    require_at(scope, resource.organisation_id)
    resource = Resource.objects.select_for_update().get(pk=resource.pk)
    gone = last_day + timedelta(days=1)
    if last_day < resource.since:
        text = _("It is in the register since %(day)s; the last day cannot be before that.")
        raise ResourceRefused(text % {"day": resource.since}, "last_day")
    needing = after(Dependency.objects.filter(on=resource), gone)
    if needing:
        shown = ", ".join(sorted({one.resource.code for one in needing}))
        text = _("Still needed after that day by: %(codes)s. End these dependencies first.")
        raise ResourceRefused(text % {"codes": shown}, "last_day", [one.resource_id for one in needing])
    with judged():
        for one in after(Dependency.objects.filter(resource=resource), gone):
            cut(one, gone)
        resource.valid = DateRange(resource.since, gone)
        resource.version += 1
        resource.save(update_fields=["valid", "version"])
    _note("resources.ended", resource, by, last_day=last_day.isoformat())
    return resource


def after(rows: Any, day: date) -> list[Dependency]:
    """Those dependencies that stand on or after a day."""
    return list(rows.filter(valid__overlap=DateRange(day, None)).select_related("resource").order_by("pk"))


@transaction.atomic
def need(
    resource: Resource,
    on: Resource,
    *,
    since: date,
    by: User | None,
    scope: Scope,
    until: date | None = None,
    group: str = "",
    needed: int | None = None,
    remark: str = "",
) -> Dependency:
    """Record that `resource` needs `on`; in a redundancy group with others, of which `needed` suffice.

    Another number than the group had holds for all its members from that day on.

    Args:
        until: the day after the last; None while both are in the register.

    Raises:
        PermissionDenied: `by` does not keep the register of the owner of `resource`.
        ResourceRefused: it closes a circle, stands already, or a day lies outside the register.
    """
    require_at(scope, resource.organisation_id)
    group = group.strip()
    ends = [day for day in (until, resource.valid.upper, on.valid.upper) if day]
    valid = DateRange(since, min(ends) if ends else None)
    if ends and min(ends) <= since:
        raise ResourceRefused(_("The last day is before the first."), "valid_from")
    if group:
        needed = needed or _number_of(resource, group, since) or 1
    with judged():
        if group:
            renumber(resource, group, needed or 1, since)
        made = Dependency.objects.create(
            organisation_id=resource.organisation_id,
            resource=resource,
            on=on,
            group=group,
            needed=needed if group else None,
            remark=remark,
            valid=valid,
        )
    _note("resources.needed", resource, by, on=on.code, group=group)
    return made


def _number_of(resource: Resource, group: str, day: date) -> int | None:
    found = Dependency.objects.filter(resource=resource, group=group, valid__contains=day).first()
    return found.needed if found else None


def renumber(resource: Resource, group: str, needed: int, day: date) -> None:
    """Let `needed` members of a group suffice from a day on."""
    for one in after(Dependency.objects.filter(resource=resource, group=group).exclude(needed=needed), day):
        _from(one, day, needed=needed)


def regroup(dependency: Dependency, group: str, needed: int | None, day: date) -> None:
    """Put a dependency into another group, or into none, from a day on; inside the caller's `judged`."""
    if group:
        renumber(dependency.resource, group, needed or 1, day)
    if group != dependency.group:
        _from(dependency, day, group=group, needed=(needed or 1) if group else None)


def _from(dependency: Dependency, day: date, **values: Any) -> None:
    """Change a dependency from a day on; what was before stays as it was."""
    if dependency.since >= day:
        Dependency.objects.filter(pk=dependency.pk).update(**values)
        return
    later = Dependency.objects.get(pk=dependency.pk)
    if all(getattr(later, name) == value for name, value in values.items()):
        return
    later.pk, later.valid = None, DateRange(day, dependency.valid.upper)
    later._state.adding = True
    for name, value in values.items():
        setattr(later, name, value)
    Dependency.objects.filter(pk=dependency.pk).update(valid=DateRange(dependency.since, day))
    later.save()


def cut(dependency: Dependency, day: date) -> None:
    """Let a dependency stand before a day only."""
    if dependency.since >= day:
        dependency.delete()
    else:
        dependency.valid = DateRange(dependency.since, day)
        dependency.save(update_fields=["valid"])


@transaction.atomic
def unneed(dependency: Dependency, last_day: date | None, *, by: User | None, scope: Scope) -> None:
    """End a dependency after its last day; None for one that never was right, which goes.

    Raises:
        PermissionDenied: `by` does not keep the register of the owner of what needs.
        ResourceRefused: its group would have too few members.
    """
    require_at(scope, dependency.organisation_id)
    dependency = (
        Dependency.objects.select_for_update(of=["self"]).select_related("resource", "on").get(pk=dependency.pk)
    )
    day = dependency.since if last_day is None else last_day + timedelta(days=1)
    if day > Days.of(dependency.valid).end:
        raise ResourceRefused(_("It ends before that day already."), "last_day")
    resource, on = dependency.resource, dependency.on
    with judged():
        cut(dependency, day)
    _note("resources.needed-no-more", resource, by, on=on.code, last_day=last_day.isoformat() if last_day else "")


def _note(kind: str, resource: Resource, by: User | None, **data: Any) -> None:
    note(kind, by=by, organisation=resource.organisation, subject=resource, data={"code": resource.code, **data})
