"""Why can it not be seen? 为何看不到: what is missing for a page, a record or an organisation, and who can give it.

Nothing is told about what lies outside the asker's own scope: what the asker may not see is as if it were not there.
"""

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.foundation.access import permissions, permits
from gangmu.foundation.access.declarations import declared
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation
from gangmu.foundation.settings.sites import SITES, Where, served
from gangmu.shell.roles import queries
from gangmu.shell.roles.sites import match_at
from gangmu.shell.roles.views.seen import _person
from gangmu.shell.roles.words import assignment_words

# What stands behind the number in an address: its view's name begins so.
RECORDS = {
    "documents:": "documents.Document",
    "filing:sheet": "filing.Sheet",
    "filing:edit": "filing.Sheet",
    "filing:correction": "filing.Correction",
    "approvals:case": "approvals.Case",
    "publications:one": "publications.Publication",
    "power:event": "power.UnitEvent",
    "records:event": "records.Event",
    "records:change": "records.History",
    "roles:part": "access.ReviewPart",
}


@dataclass
class Answer:
    """Sentences in order; `stands` are those that stand in the way, `fine` those that do not, `do` what helps."""

    stands: list[str] = field(default_factory=list)
    fine: list[str] = field(default_factory=list)
    do: list[str] = field(default_factory=list)


@require_GET
def why(request: HttpRequest) -> HttpResponse:
    """Ask about oneself; about others who looks after roles."""
    for_others = request.scope.may("access:view")
    words = request.GET.get("person", "").strip() if for_others else ""
    person = _person(words) if words else signed_in(request)
    address, place = request.GET.get("address", "").strip(), request.GET.get("organisation", "").strip()
    context: dict[str, Any] = {
        "title": _("Why can it not be seen?"),
        "breadcrumbs": [(_("Why can it not be seen?"), "")],
        "for_others": for_others,
        "words": words,
        "person": person,
        "address": address,
        "place": place,
        "lost": bool(words) and person is None,
    }
    if person is not None and (address or place):
        context["answer"] = explain(request, person, address, place)
    return render(request, "roles/why.html", context)


def explain(request: HttpRequest, person: User, address: str, place: str) -> Answer:
    """What stands in the way of a person."""
    answer = Answer()
    if not person.may_sign_in():
        answer.stands.append(_("The account is closed, or its time is over."))
        answer.do.append(_("The system administrator opens accounts."))
    permission, site, organisation = "", served(), None
    if address:
        permission, site, organisation = _about_address(person, address, answer)
    if place:
        organisation = Organisation.objects.filter(code__iexact=place).first()
        if organisation is None:
            answer.stands.append(_nothing_there())
    if organisation is not None:
        _about_place(person, organisation, permission, site, answer)
    if answer.stands and not answer.do:
        answer.do.append(_("Ask the security administrator, or the administrator of your branch."))
    return answer


def _nothing_there() -> str:
    return _("There is nothing of that kind, or it lies outside your own scope; more cannot be told here.")


def _scope(person: User, site: str) -> tuple[list[Assignment], Scope]:
    held = [one for one in queries.assignments_of(person, clock.today()) if one.role.site in (site, Where.BOTH)]
    return held, queries.scope_of_person(person, held, clock.today(), site)


def _about_address(person: User, address: str, answer: Answer) -> tuple[str, str, Organisation | None]:
    """The permission that a page asks for, the site that has it, and the organisation that it is about."""
    sites = [served(), *(site for site in SITES if site != served())]
    found = [(site, match) for site in sites if (match := match_at(site, address))]
    if not found:
        answer.stands.append(_("No page of the product has this address."))
        answer.do.append(_("Check how it is written: /organisations/of/CODE/, for instance."))
        return "", served(), None
    held_at = {site: _scope(person, site)[0] for site, _match in found}
    site, match = next(((site, match) for site, match in found if held_at[site]), found[0])
    if not held_at[site]:
        answer.stands.append(_("No role that counts today may be used at %(site)s.") % {"site": Where(site).label})
        answer.do.append(_givers(None))
    element = permits.at(match.view_name)
    permission = element.permission if element else ""
    if element is not None and held_at[site]:
        _about_permission(held_at[site], element, site, answer)
    return permission, site, _organisation_of(match, answer)


def _about_permission(held: list[Assignment], element: permits.Element, site: str, answer: Answer) -> None:
    granting = [one for one in held if permissions.any_implies(one.role.permissions, element.permission)]
    words = permits.in_words(element.permission)
    if not granting:
        roles = [
            role.name
            for role in Role.objects.filter(site__in=(site, Where.BOTH)).order_by("code")
            if permissions.any_implies(role.permissions, element.permission)
        ]
        answer.stands.append(_("The permission is missing: %(permission)s.") % {"permission": words})
        if roles:
            answer.do.append(_("Roles that hold it: %(roles)s.") % {"roles": ", ".join(roles)})
        answer.do.append(_givers(None))
    elif all(element.code in one.role.hides for one in granting):
        names = ", ".join(sorted({one.role.name for one in granting}))
        said = {"what": element.label, "roles": names}
        answer.stands.append(_("“%(what)s” is left out of: %(roles)s.") % said)
        answer.do.append(_("The security administrator can open it in the role."))
    else:
        said = {"permission": words, "from": assignment_words(granting[0])}
        answer.fine.append(_("The permission is held: %(permission)s – %(from)s.") % said)


def _organisation_of(match: Any, answer: Answer) -> Organisation | None:
    """The organisation of the record or the code in an address, as far as the asker sees it."""
    if "code" in match.kwargs and match.view_name in ("organisations:detail", "boards:of"):
        found = Organisation.objects.filter(code=match.kwargs["code"]).first()
    elif "pk" in match.kwargs:
        label = next((label for start, label in RECORDS.items() if match.view_name.startswith(start)), "")
        if not label:
            return None
        found = _row_organisation(label, match.kwargs["pk"])
    else:
        return None
    if found is None:
        answer.stands.append(_nothing_there())
    return found


def _row_organisation(label: str, pk: int) -> Organisation | None:
    model = apps.get_model(label)
    rule = declared(model)
    row = model._default_manager.filter(pk=pk).first()
    if row is None or not isinstance(rule, ByOrganisation):
        return None
    try:
        name = next(one.name for one in model._meta.concrete_fields if one.column == rule.field)
    except (StopIteration, FieldDoesNotExist):
        return None
    return getattr(row, name)


def _about_place(person: User, organisation: Organisation, permission: str, site: str, answer: Answer) -> None:
    held, scope = _scope(person, site)
    room = permission.partition(":")[0] or "parties"
    room = room if room in scope._view or not held else "parties"
    said = {"organisation": organisation.name}
    if organisation.pk in scope.ids(room):
        by = next((one for one in held if organisation.pk in queries.branch_of(one, clock.today())), None)
        from_ = assignment_words(by) if by else ""
        answer.fine.append(_("%(organisation)s is in scope: %(from)s.") % {**said, "from": from_})
        return
    days = [one for one in scope.former(room) if one.organisation_id == organisation.pk]
    if days:
        answer.stands.append(
            _("%(organisation)s has left the branch: what is seen of it are the days on which it was in it.") % said
        )
    else:
        places = sorted({one.organisation.name for one in held})
        answer.stands.append(
            _("%(organisation)s is outside the scope; roles hold at: %(places)s.")
            % {**said, "places": ", ".join(places) or "–"}
        )
    answer.do.append(_givers(organisation))


def _givers(organisation: Organisation | None) -> str:
    """Who can give what is missing, as far as the asker sees them."""
    people = [user.name for user in queries.who_can_give(organisation.pk if organisation else None)[:6]]
    if not people:
        return _("The security administrator can give it, and the administrator of the branch within their own rights.")
    return _("Who can give it: %(people)s.") % {"people": ", ".join(people)}
