"""What other rooms show on a resource's page: they register, this room does not know them.

    panels.register("grading.standing", 20, standing)

`standing(request, resource)` gives a template and its context, or None where there is nothing to show.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from gangmu.duties.resources.models import Resource

Shows = Callable[[HttpRequest, Resource], tuple[str, Mapping[str, Any]] | None]


@dataclass(frozen=True)
class Panel:
    """One part of the page; the lower `order` stands first."""

    key: str
    order: int
    shows: Shows


_panels: dict[str, Panel] = {}


def register(key: str, order: int, shows: Shows) -> None:
    """Add a part to every resource's page."""
    _panels[key] = Panel(key, order, shows)


def shown(request: HttpRequest, resource: Resource) -> Iterator[SafeString]:
    """The parts that have something to say, rendered."""
    for panel in sorted(_panels.values(), key=lambda one: one.order):
        found = panel.shows(request, resource)
        if found is not None:
            template, context = found
            yield render_to_string(template, {"resource": resource, **context}, request)
