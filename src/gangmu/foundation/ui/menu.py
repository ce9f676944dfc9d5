"""The side menu. Rooms register their entries when they are ready; nobody has to know who is above.

An entry is shown at the sites that have its page, or at the one it names. A role may leave entries out (`Role.hides`,
`menu:KEY`) and look different otherwise: `Role.menu` is
`{"entries": {KEY: {"zh": …, "en": …, "at": 10}}, "links": [{"zh": …, "en": …, "to": "/path/?query", "at": 10}]}`.
Of several roles the first that says something counts; an entry is left out when each of them leaves it out.

menu.register("parties.organisations", _("Organisations"), "parties:list", icon="sitemap",
              section="organisation", visible=lambda request: request.user.is_authenticated)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access import permits
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.settings.sites import served

from .here import here

Text = str | Promise


def signed_in(request: HttpRequest) -> bool:
    """The default rule: everybody who has signed in sees the entry."""
    return request.user.is_authenticated


@dataclass(frozen=True)
class Entry:
    """One line of the menu. `visible` is asked for every page and must be cheap."""

    key: str
    label: Text
    url_name: str
    icon: str
    section: str
    order: int
    visible: Callable[[HttpRequest], bool]
    site: str


@dataclass(frozen=True)
class ShownEntry:
    """An entry as one user sees it on one page."""

    key: str
    label: Text
    icon: str
    href: str
    active: bool


@dataclass
class ShownSection:
    """A heading with the entries under it that this user may see."""

    key: str
    label: Text
    order: int
    entries: list[ShownEntry] = field(default_factory=list)


_sections: dict[str, tuple[Text, int]] = {}
_entries: dict[str, Entry] = {}


def section(key: str, label: Text, *, order: int) -> None:
    """Name a heading of the menu. Sections and entries may be registered in any order."""
    _sections[key] = (label, order)


def register(
    key: str,
    label: Text,
    url_name: str,
    *,
    icon: str,
    section: str = "",
    order: int = 100,
    visible: Callable[[HttpRequest], bool] = signed_in,
    site: str = "",
) -> None:
    """Add an entry, for one `site` alone where it is named. A second call with the same key replaces the first."""
    _entries[key] = Entry(key, label, url_name, icon, section, order, visible, site)


def unregister(key: str) -> None:
    """Take an entry out again (for tests)."""
    _entries.pop(key, None)


def registered() -> list[Entry]:
    """Every entry, of whichever site."""
    return list(_entries.values())


def sections() -> dict[str, tuple[Text, int]]:
    """Every heading with its label and place."""
    return dict(_sections)


def for_request(request: HttpRequest) -> list[ShownSection]:
    """The menu as this user sees it, sections in order, empty ones left out.

    The entry whose address is the longest beginning of the present path is the active one.
    """
    if not hasattr(request, "user"):
        return []
    scope: Scope | None = getattr(request, "scope", None)
    looks = _looks(scope)
    visible = open_entries(request, served(), here)
    leading = [
        href for _entry, href in visible if request.path == href or (href != "/" and request.path.startswith(href))
    ]
    active = max(leading, key=len, default=None)
    shown: dict[str, ShownSection] = {}

    def put(section_key: str, entry: ShownEntry) -> None:
        label, order = _sections.get(section_key, ("", 0))
        shown.setdefault(section_key, ShownSection(section_key, label, order)).entries.append(entry)

    for entry, href in sorted(visible, key=lambda pair: (_place(pair[0], looks), pair[0].order)):
        look = looks.entries.get(entry.key, {})
        put(entry.section, ShownEntry(entry.key, _words(look) or entry.label, entry.icon, href, href == active))
    for number, link in enumerate(looks.links):
        to = link["to"]
        if own_address(to):
            put(OWN, ShownEntry(f"link.{number}", _words(link) or to, "star", to, request.get_full_path() == to))
    return sorted(shown.values(), key=lambda group: group.order)


def open_entries(request: HttpRequest, site: str, address: Callable[[str], str]) -> list[tuple[Entry, str]]:
    """The entries that whoever asks sees at a site, with their addresses, which `address` finds."""
    scope: Scope | None = getattr(request, "scope", None)
    return [
        (entry, href)
        for entry in _entries.values()
        if entry.site in ("", site)
        and (href := address(entry.url_name))
        and entry.visible(request)
        and _is_open(scope, entry)
    ]


def own_address(to: str) -> bool:
    """Whether an address is a page of this site, and nothing else."""
    parts = urlsplit(to)
    if parts.scheme or parts.netloc or not to.startswith("/") or to.startswith("//") or "\\" in to:
        return False
    try:
        resolve(parts.path)
    except Resolver404:
        return False
    return True


@dataclass
class Looks:
    """What roles say of the menu, put together."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: list[dict[str, Any]] = field(default_factory=list)


def _looks(scope: Scope | None) -> Looks:
    looks = Looks()
    for given in sorted(scope.given if scope else (), key=lambda one: one.role):
        for key, look in given.menu.get("entries", {}).items():
            looks.entries.setdefault(key, look)
        looks.links += [link for link in given.menu.get("links", []) if link not in looks.links]
    looks.links.sort(key=lambda link: link.get("at") or 0)
    return looks


def _place(entry: Entry, looks: Looks) -> int:
    at = looks.entries.get(entry.key, {}).get("at")
    return entry.order if at is None else int(at)


def _words(look: dict[str, Any]) -> str:
    first, second = ("zh", "en") if (get_language() or "zh").startswith("zh") else ("en", "zh")
    return look.get(first) or look.get(second) or ""


def _is_open(scope: Scope | None, entry: Entry) -> bool:
    """Whether neither the entry nor its page is left out by each of the roles."""
    if scope is None or not scope.hides_anything:
        return True
    page = permits.at(entry.url_name)
    return scope.opens(f"menu:{entry.key}", page.permission if page else "") and permits.is_open(scope, entry.url_name)


OWN = "own"
section(OWN, _("Own links"), order=15)
section("work", pgettext_lazy("menu", "Work"), order=10)
section("organisation", _("Organisation"), order=20)
section("figures", _("Figures"), order=30)
section("duties", _("Duties"), order=40)
section("system", _("System"), order=90)
