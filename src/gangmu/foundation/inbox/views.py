"""The page of everything that waits for the asker, and the number beside its icon on every page."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.foundation.inbox.sources import Entry, Source, sources_for, waiting

SHOWN = 20  # of a group when all groups are shown
PER_PAGE = 100  # of one group
MOST_COUNTED = 99


@dataclass(frozen=True)
class Group:
    """A source with what it holds for the asker, after the filters."""

    source: Source
    entries: list[Entry]
    held: int  # before the filters

    @property
    def late(self) -> int:
        return sum(entry.late for entry in self.entries)

    @property
    def first(self) -> list[Entry]:
        return self.entries[:SHOWN]

    @property
    def hidden(self) -> int:
        return len(self.entries) - len(self.first)


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the asker: by source, late first. `tab`, `q` and `late` narrow it; each state has an address."""
    words, late = request.GET.get("q", "").strip()[:200], "late" in request.GET
    groups = [_group(request, source, words, late) for source in sources_for(request)]
    tab = next((group for group in groups if group.source.code == request.GET.get("tab")), None)
    context: dict[str, Any] = {
        "breadcrumbs": [(_("Inbox"), "")],
        "groups": [group for group in groups if group.held or group is tab],
        "shown": [tab] if tab else [group for group in groups if group.entries],
        "tab": tab,
        "page": _page(request, tab),
        "held": sum(group.held for group in groups),
        "found": sum(len(group.entries) for group in ([tab] if tab else groups)),
        "late_ones": sum(group.late for group in groups),
        "words": words,
        "only_late": late,
    }
    return render(request, "inbox/list.html", context)


def _group(request: HttpRequest, source: Source, words: str, late: bool) -> Group:
    entries = sorted(source.entries(request), key=lambda entry: entry.rank)
    found = [entry for entry in entries if (entry.late or not late) and entry.holds(words)]
    return Group(source, found, len(entries))


def _page(request: HttpRequest, tab: Group | None) -> Page | None:
    """One group has pages of its own; the overview of all groups shows the first of each."""
    return Paginator(tab.entries, PER_PAGE).get_page(request.GET.get("page")) if tab else None


@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """The number for the icon of the inbox. Pages fetch it after they are shown, so it costs them no query."""
    response = render(request, "inbox/count.html", {"count": waiting(request), "most": MOST_COUNTED})
    response["Cache-Control"] = "no-store"
    return response
