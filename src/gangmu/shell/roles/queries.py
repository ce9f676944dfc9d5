"""Who holds what, as far as the asker looks after it."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from gangmu.foundation.access import permissions
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import Given, Scope, scope_from
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock


def in_force(on: date) -> Q:
    """Assignments that count on a day."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def not_over(on: date) -> Q:
    """Assignments that count on a day or later."""
    return Q(valid_to__isnull=True) | Q(valid_to__gt=on)


def roles_with_holders(on: date) -> QuerySet[Role]:
    """Every role, with how many people hold it on a day within the asker's scope."""
    held = Q(assignments__valid_from__lte=on) & (
        Q(assignments__valid_to__isnull=True) | Q(assignments__valid_to__gt=on)
    )
    counted = Count("assignments__user", filter=held, distinct=True)
    return Role.objects.annotate(holders=counted).order_by("site", "code")


def assignments_of(person: User, on: date) -> list[Assignment]:
    """What a person holds on a day, as far as the asker sees it."""
    rows = Assignment.objects.filter(in_force(on), user=person).select_related("role", "organisation", "given_by")
    return list(rows.order_by("role__site", "role__code", "organisation__code"))


def scope_of_person(person: User, held: list[Assignment], on: date, site: str) -> Scope:
    """A person's scope on a day at a site, from the assignments that the asker sees."""
    given = [
        Given(
            one.organisation_id,
            one.reach,
            tuple(one.role.permissions),
            one.role.code,
            frozenset(one.role.hides),
            one.role.menu,
        )
        for one in held
        if one.role.site in (site, "both") and person.is_active
    ]
    return scope_from(person.pk, given, on, site)


def branch_of(one: Assignment, on: date) -> frozenset[int]:
    """The organisations that an assignment reaches on a day."""
    given = Given(one.organisation_id, one.reach, ("parties:view",))
    return scope_from(0, [given], on, "").ids("parties")


def who_can_give(organisation_id: int | None = None) -> list[User]:
    """People whom the asker sees and who give roles, at an organisation where one is named."""
    today = clock.today()
    rows = Assignment.objects.filter(in_force(today), user__is_active=True).select_related("user", "role")
    found: dict[int, User] = {}
    for one in rows.filter(role__power="security"):
        gives = any(permissions.any_implies(one.role.permissions, f"access:{act}") for act in ("assign", "grant"))
        if gives and (organisation_id is None or organisation_id in branch_of(one, today)):
            found[one.user_id] = one.user
    return sorted(found.values(), key=lambda user: user.name)
