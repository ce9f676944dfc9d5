"""The standards, the clauses of one with what holds in a cell, and one clause."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.duties.norms import queries, showing
from gangmu.duties.norms.asked import Asked, asked
from gangmu.duties.norms.errors import UnknownClause
from gangmu.duties.norms.models import BaselineEntry
from gangmu.duties.norms.naming import STRENGTHS, named
from gangmu.duties.norms.resolving import Held, Resolved, everything, resolve
from gangmu.duties.norms.rights import EXPORT, FREEZE, VIEW
from gangmu.duties.norms.standard import Entry, Standard

PER_PAGE = 40
MOST_BASELINES = 20


@require_GET
def standards(request: HttpRequest) -> HttpResponse:
    """The standards, or what is found in all of them."""
    if not request.scope.may(VIEW):
        raise PermissionDenied(_("Your roles do not let you read standards."))
    words = request.GET.get("q", "").strip()
    rows = list(queries.editions())
    found = [{"edition": one, "standard": queries.standard_of(one)} for one in rows]
    if words:
        for one in found:
            keys = queries.clauses(one["edition"], words)
            held = [Held(one["standard"].entries[key], "own") for key in keys[:MOST_BASELINES]]
            one["sections"] = showing.by_section(one["standard"], held)
            one["total"] = len(keys)
            one["more"] = len(keys) - len(held)
        found = [one for one in found if one["total"]]
    context = {"title": _("Standards"), "breadcrumbs": [(_("Standards"), "")], "found": found, "words": words}
    return render(request, "norms/standards.html", context)


@require_GET
def clauses(request: HttpRequest, slug: str) -> HttpResponse:
    """The clauses of a standard: all, those in which words occur, or what holds in a cell with its choices."""
    this = asked(request, slug)
    standard = this.standard
    refused = ""
    found: Resolved | None = everything(standard)
    if this.cell():
        found, refused = this.resolved()
    held = list(found.held) if found else []
    if words := this.given.get("q", ""):
        keys = set(queries.clauses(this.edition, words))
        held = [one for one in held if one.entry.key in keys]
    held = _narrowed(held, this)
    page = Paginator(held, PER_PAGE).get_page(this.given.get("page"))
    in_cell = bool(this.cell() and found)
    context = {
        "title": str(standard.title),
        "breadcrumbs": trail((standard.number, "")),
        "this": this,
        "standard": standard,
        "tabs": showing.tabs(standard, "clauses", this.named_edition),
        "words": words,
        "cells": [(code, showing.cell_name(standard, code)) for code in standard.cells],
        "combines": len(standard.axes) > 1,
        "cell": this.given.get("cell", ""),
        "also": this.given.get("also", ""),
        "subjects": _subjects(standard, this),
        "alternatives": list(standard.alternatives.items()),
        "strengths": [(code, named("strength", code)) for code in STRENGTHS],
        "parties": list(standard.parties.items()),
        "sections": showing.by_section(standard, page.object_list, origins=in_cell),
        "page": page,
        "total": len(held),
        "refused": refused,
        "resolved": found if in_cell else None,
        "open": [str(standard.subjects[one]) for one in found.open_subjects] if in_cell and found else [],
        "may_freeze": request.scope.may(FREEZE) and (in_cell or not standard.cells),
        "may_export": request.scope.may(EXPORT),
        "asked_for": request.GET.urlencode(),
        "editions": _editions(this),
    }
    return render(request, "norms/clauses.html", context)


def _narrowed(held: list[Held], this: Asked) -> list[Held]:
    """By strength and by who is bound: entries one of whose statements is both."""
    strength, party = this.given.get("strength", ""), this.given.get("party", "")
    if not strength and not party:
        return held
    return [
        one
        for one in held
        if any(
            (not strength or statement.strength == strength) and (not party or statement.bound == party)
            for statement in one.entry.statements
        )
    ]


def _subjects(standard: Standard, this: Asked) -> list[dict[str, Any]]:
    """What the cell leaves to choose, with what was chosen."""
    codes = [code for code in this.cell().split(",") if code in standard.cells]
    if not codes:
        return []
    needed = {subject for code in codes for subject in resolve(standard, code).open_subjects}
    return [
        {"code": code, "name": str(name), "chosen": this.given.get(f"choice-{code}", "")}
        for code, name in standard.subjects.items()
        if code in needed
    ]


def _editions(this: Asked) -> list[dict[str, Any]]:
    rows = this.edition.standard.editions.defer("content").order_by("-is_current", "-loaded_at")
    return [{"edition": one, "here": one.pk == this.edition.pk} for one in rows]


@require_GET
def clause(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """One clause: what it says, what the other cells say of its topic, references, and baselines that hold it."""
    this = asked(request, slug)
    standard = this.standard
    try:
        entry = queries.clause(this.edition, key)
    except UnknownClause as error:
        raise Http404(str(error)) from error
    topic = standard.topics[entry.topic]
    others = [one for one in standard.entries.values() if one.topic == entry.topic]
    referring = [one for one in standard.entries.values() if any(entry in standard.under(number) for number in one.to)]
    holding = BaselineEntry.objects.filter(clause__edition=this.edition, key=key).select_related(
        "baseline__organisation", "baseline__edition__standard"
    )
    parameters = [one for one in topic.parameters.values() if one.kind != "word"]
    context = {
        "title": f"{entry.key} {topic.name}",
        "breadcrumbs": trail((standard.number, reverse("norms:clauses", args=[slug])), (entry.key, "")),
        "standard": standard,
        "this": this,
        "section": standard.sections[entry.section],
        "cells": [showing.cell_name(standard, code) for code in standard.cells_of(entry)],
        "shown": showing.shown(standard, Held(entry, "own")),
        "remark": str(topic.remark or ""),
        "parameters": parameters,
        "others": [_other(standard, one, entry) for one in others] if len(others) > 1 else [],
        "referring": [showing.shown(standard, Held(one, "own")) for one in referring],
        "holding": [one.baseline for one in holding.order_by("-baseline__frozen_at")[:MOST_BASELINES]],
        "before": _neighbour(standard, key, -1),
        "after": _neighbour(standard, key, 1),
    }
    return render(request, "norms/clause.html", context)


def _other(standard: Standard, one: Entry, entry: Entry) -> dict[str, Any]:
    """The same topic elsewhere: its figures, marked where they are not this clause's, and strengths."""
    topic = standard.topics[entry.topic]
    values = []
    for parameter in topic.parameters.values():
        if parameter.kind != "word":
            value = one.values.get(parameter.name)
            text = str(parameter.shown(value)) if value is not None else ""
            values.append({"text": text, "differs": value != entry.values.get(parameter.name), "parameter": parameter})
    strengths = [statement.strength for statement in one.statements]
    return {
        "key": one.key,
        "address": reverse("norms:clause", args=[standard.slug, one.key]),
        "here": one.key == entry.key,
        "cells": ", ".join(standard.cells_of(one)),
        "values": values,
        "strengths": "、".join(named("strength", code) for code in strengths),
        "differs": strengths != [statement.strength for statement in entry.statements],
    }


def _neighbour(standard: Standard, key: str, step: int) -> str:
    keys = list(standard.entries)
    place = keys.index(key) + step
    return reverse("norms:clause", args=[standard.slug, keys[place]]) if 0 <= place < len(keys) else ""


def trail(*further: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Standards"), reverse("norms:standards")), *further]
