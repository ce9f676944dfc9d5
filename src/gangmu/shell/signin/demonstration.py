"""Signing in to the demonstration: one click for each account. Outside demonstration mode none of this exists."""

import os
from dataclasses import dataclass

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings.sites import BUSINESS, OFFICE, served
from gangmu.foundation.ui.views import back
from gangmu.shell.signin import gate, steps

UPPER, PLANT, SYSTEMS = _("Headquarters and regions"), _("Plant"), _("Parties to a system's grade")
OFFICES = _("Everyone has a part, and none can do another's")


@dataclass(frozen=True)
class Card:
    """What one account of the demonstration is good for, and at which site."""

    username: str
    site: str
    group: Promise
    icon: str
    words: Promise
    first: bool = False  # a good one to begin with


CARDS = (
    Card("group", BUSINESS, UPPER, "building-skyscraper", _("The map of the country; approves last, and locks."), True),
    Card("leader", BUSINESS, UPPER, "eye", _("Looks at home pages, reports and figures. Changes nothing.")),
    Card("region", BUSINESS, UPPER, "map-pin", _("Approves a region's plants; asks who is late.")),
    Card("review", BUSINESS, PLANT, "user-check", _("Checks the plant's sheets, with a return and a reason.")),
    Card("plant", BUSINESS, PLANT, "pencil", _("Files the plant's day: grid, Excel, explanations.")),
    Card(
        "business",
        BUSINESS,
        SYSTEMS,
        "building-community",
        _("Says what a system is for; hands over what going live needs."),
    ),
    Card("technical", BUSINESS, SYSTEMS, "adjustments", _("Keeps the register and the rules; confirms grades.")),
    Card("sponsor", BUSINESS, SYSTEMS, "layout-grid", _("Builds systems; grades them and prepares going live.")),
    Card("operation", BUSINESS, SYSTEMS, "server-cog", _("Runs systems; says when a grade no longer fits.")),
    Card("admin", OFFICE, OFFICES, "adjustments", _("Organisations, forms, routes, who files for whom.")),
    Card("system", OFFICE, OFFICES, "server-cog", _("Keeps it running: accounts, long work, the database.")),
    Card("security", OFFICE, OFFICES, "shield-lock", _("Decides who may do what: roles and assignments.")),
    Card("audit", OFFICE, OFFICES, "fingerprint", _("Reads the sealed records: who did what, and when.")),
)


@dataclass(frozen=True)
class ShownCard:
    """A card with its account's name."""

    username: str
    name: str
    icon: str
    words: Promise
    first: bool


@dataclass(frozen=True)
class Offer:
    """What the sign-in page of a site offers in demonstration mode."""

    groups: list[tuple[Promise, list[ShownCard]]]
    other_site: str
    other_address: str


def demonstration_accounts() -> Offer | None:
    """The accounts of this site that anybody may use, in demonstration mode; nowhere else are there any."""
    if not settings.DEMONSTRATION:
        return None
    from gangmu.shell.demonstration import ACCOUNTS

    chinese = (get_language() or "zh-hans").startswith("zh")
    names = {username: name if chinese else english for username, name, english, _role, _place in ACCOUNTS}
    groups: dict[Promise, list[ShownCard]] = {}
    for card in CARDS:
        if card.site == served() and card.username in names:
            shown = ShownCard(card.username, names[card.username], card.icon, card.words, card.first)
            groups.setdefault(card.group, []).append(shown)
    other = OFFICE if served() == BUSINESS else BUSINESS
    return Offer(list(groups.items()), other, _addresses().get(other, ""))


def _addresses() -> dict[str, str]:
    """Where `gangmu demo` serves the sites: site → address."""
    return dict(pair.split("=", 1) for pair in os.environ.get("GANGMU_SITES", "").split())


@open_to_strangers
@never_cache
@require_POST
def sign_in_as(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demonstration's accounts of this site."""
    wanted = request.POST.get("account", "")
    if not settings.DEMONSTRATION or wanted not in {card.username for card in CARDS if card.site == served()}:
        raise Http404
    from gangmu.shell.demonstration import PASSWORD

    user = auth.authenticate(request, username=wanted, password=PASSWORD)
    if not isinstance(user, User) or not gate.admit(request, user):
        raise PermissionDenied(
            __("This account is no longer as the demonstration made it. Sign in with its password, or choose another.")
        )
    return steps.begin(request, user, ("password",), back(request))
