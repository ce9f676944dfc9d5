"""The side menu. Rooms register their entries when they are ready; nobody has to know who is above.

An entry is shown at the sites that have its page, or at the one it names.

menu.register("parties.organisations", _("Organisations"), "parties:list", icon="sitemap",
              section="organisation", visible=lambda request: request.user.is_authenticated)
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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


def for_request(request: HttpRequest) -> list[ShownSection]:
    """The menu as this user sees it, sections in order, empty ones left out.

    The entry whose address is the longest beginning of the present path is the active one.
    """
    if not hasattr(request, "user"):
        return []
    visible = [
        (entry, href)
        for entry in _entries.values()
        if entry.site in ("", served()) and (href := here(entry.url_name)) and entry.visible(request)
    ]
    leading = [
        href for _entry, href in visible if request.path == href or (href != "/" and request.path.startswith(href))
    ]
    active = max(leading, key=len, default=None)
    shown: dict[str, ShownSection] = {}
    for entry, href in sorted(visible, key=lambda pair: pair[0].order):
        label, order = _sections.get(entry.section, ("", 0))
        group = shown.setdefault(entry.section, ShownSection(entry.section, label, order))
        group.entries.append(ShownEntry(entry.key, entry.label, entry.icon, href, href == active))
    return sorted(shown.values(), key=lambda group: group.order)


section("work", pgettext_lazy("menu", "Work"), order=10)
section("organisation", _("Organisation"), order=20)
section("figures", _("Figures"), order=30)
section("duties", _("Duties"), order=40)
section("system", _("System"), order=90)
