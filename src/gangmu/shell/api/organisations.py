"""Organisations over REST."""

from typing import Annotated

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Router, Schema

from gangmu.foundation.parties.models import Organisation, Placement
from gangmu.foundation.parties.queries import among, seen_on
from gangmu.foundation.settings import clock
from gangmu.shell.api.kinds import Day

router = Router(tags=["organisations"])


class OrganisationOut(Schema):
    """An organisation as it stands on a day."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    parent: str | None = Field(None, description="code of the organisation above it that day, where it may be seen")


class Page(Schema):
    """A part of the list; ask again with `after` = `next` for what follows."""

    items: list[OrganisationOut]
    next: str | None = None


@router.get("", response=Page, summary="Organisations within the caller's scope")
def list_organisations(
    request: HttpRequest,
    on: Day | None = None,
    kind: str | None = None,
    search: Annotated[str, Field(max_length=100)] = "",
    after: Annotated[str, Field(max_length=64)] = "",
    limit: Annotated[int, Field(ge=1, le=1000)] = 200,
) -> Page:
    """In order of their codes, those that stand in the tree on `on` (today when left out)."""
    on = on or clock.today()
    seen = seen_on(on, request.scope)
    rows_of_the_day = Placement.objects.filter(valid__contains=on).values_list("child_id", "parent_id", "parent__code")
    placed = {
        child: code if parent and seen(parent) else None for child, parent, code in rows_of_the_day if seen(child)
    }
    rows = Organisation.objects.filter(among("id", placed), code__gt=after).order_by("code")
    if kind:
        rows = rows.filter(kind=kind)
    if search:
        rows = rows.filter(Q(code__icontains=search) | Q(name_zh__icontains=search) | Q(name_en__icontains=search))
    found = list(rows[: limit + 1])
    items = [
        OrganisationOut(
            code=one.code, name_zh=one.name_zh, name_en=one.name_en, kind=one.kind, parent=placed.get(one.pk)
        )
        for one in found[:limit]
    ]
    return Page(items=items, next=items[-1].code if len(found) > limit else None)
