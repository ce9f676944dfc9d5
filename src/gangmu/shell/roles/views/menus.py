"""The menu as the holders of a role see it: other names, another order, entries left out, links of the own site."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gangmu.foundation.access import services
from gangmu.foundation.access.models import Role
from gangmu.foundation.access.needs import needs
from gangmu.foundation.accounts.proof import fresh_proof_required
from gangmu.foundation.settings.sites import SITES
from gangmu.foundation.ui import menu
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.roles import refusing
from gangmu.shell.roles.sites import leads_at, page_at
from gangmu.shell.roles.views.roles import CONFIGURE, trail

LINKS = 5
LONGEST = 60


@require_http_methods(["GET", "POST"])
@needs(CONFIGURE)
@fresh_proof_required
@submit_once
def menu_of_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, order and leave out entries for the holders of a role, and add links; or go back to the defaults."""
    role = get_object_or_404(Role, pk=pk)
    problem = ""
    if request.method == "POST":
        defaults = "defaults" in request.POST
        looks, hidden, problem = ({}, [], "") if defaults else _read(request.POST, role)
        version = request.POST.get("version", "")
        if not problem:
            try:
                based_on = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1
                services.save_menu(role, json.dumps(looks), hidden, based_on=based_on)
            except services.Refused as refused:
                problem = refusing.noted(request, refused)
            else:
                messages.success(request, _("The menu of %(role)s was saved.") % {"role": role.name})
                return redirect("roles:menu", pk)
        if problem:
            role.menu, role.hides = looks, [*(one for one in role.hides if not one.startswith("menu:")), *hidden]
    links = list(role.menu.get("links", []))
    context = {
        "title": _("Menu of %(role)s") % {"role": role.name},
        "breadcrumbs": trail((role.name, reverse("roles:one", args=[pk])), (_("Menu"), "")),
        "role": role,
        "sections": _sections(role),
        "links": links + [{}] * (LINKS - len(links)),
        "changed": bool(role.menu) or any(one.startswith("menu:") for one in role.hides),
        "problem": problem,
    }
    return render(request, "roles/menu.html", context, status=422 if problem else 200)


def _entries(role: Role) -> list[menu.Entry]:
    """The entries of the sites at which the role is used."""
    sites = SITES if role.site == "both" else (role.site,)
    found = [
        entry
        for entry in menu.registered()
        if any(entry.site in ("", site) and page_at(site, entry.url_name) for site in sites)
    ]
    return sorted(found, key=lambda entry: (menu.sections().get(entry.section, ("", 0))[1], entry.order, entry.key))


def _sections(role: Role) -> list[tuple[Any, list[dict[str, Any]]]]:
    looks = role.menu.get("entries", {})
    shown: dict[str, list[dict[str, Any]]] = {}
    for entry in _entries(role):
        look = looks.get(entry.key, {})
        line = {"entry": entry, "look": look, "hidden": f"menu:{entry.key}" in role.hides}
        shown.setdefault(entry.section, []).append(line)
    return [(menu.sections().get(key, ("", 0))[0], lines) for key, lines in shown.items()]


def _read(data: Any, role: Role) -> tuple[dict[str, Any], list[str], str]:
    """(what the role says of the menu, elements left out, what is wrong with it)."""
    entries: dict[str, Any] = {}
    hidden, problems = [], []
    for entry in _entries(role):
        key = entry.key
        look = {name: data.get(f"{name}.{key}", "").strip()[:LONGEST] for name in ("zh", "en")}
        look = {name: text for name, text in look.items() if text}
        at = data.get(f"at.{key}", "").strip()
        if at and not (at.isascii() and at.isdigit() and len(at) < 5):
            problems.append(_("“%(place)s” is no place in an order: use whole numbers.") % {"place": at[:20]})
        elif at and int(at) != entry.order:
            look["at"] = int(at)
        if look:
            entries[key] = look
        if data.get(f"seen.{key}") is None:
            hidden.append(f"menu:{key}")
    links = []
    for number in range(LINKS):
        link = {name: data.get(f"link.{name}.{number}", "").strip()[:400] for name in ("zh", "en", "to")}
        if not any(link.values()):
            continue
        if not (link["zh"] and link["en"]):
            problems.append(_("A link needs a name in both languages."))
        sites = SITES if role.site == "both" else (role.site,)
        if not any(leads_at(site, link["to"]) for site in sites):
            problems.append(
                _("“%(to)s” is no page of the site: a link begins with / and stays here.") % {"to": link["to"][:80]}
            )
        links.append(
            {**{name: text[:LONGEST] for name, text in link.items() if name != "to"}, "to": link["to"], "at": number}
        )
    looks = {name: value for name, value in (("entries", entries), ("links", links)) if value}
    return looks, hidden, " ".join(dict.fromkeys(problems))
