"""What every page knows: menu, language, theme. Computed only when a template asks."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.notices.queries import unread_count
from gangmu.foundation.settings.sites import OFFICE, served

from . import menu
from .asking import asker

THEMES = {"light": _("Light"), "dark": _("Dark"), "auto": _("Like my device")}


@dataclass
class Shell:
    """The frame around a page, for one request."""

    request: HttpRequest

    @cached_property
    def menu(self) -> list[menu.ShownSection]:
        return menu.for_request(self.request)

    @property
    def theme(self) -> str:
        """light, dark or auto; the server writes it into the page, so no script has to run first."""
        chosen = self.request.COOKIES.get(settings.THEME_COOKIE_NAME, "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def themes(self) -> dict[str, Any]:
        return THEMES

    @property
    def theme_cookie(self) -> str:
        """Under which name the script keeps the theme."""
        return settings.THEME_COOKIE_NAME

    @property
    def is_office(self) -> bool:
        """Whether this is the back office."""
        return served() == OFFICE

    @property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @property
    def languages(self) -> list[tuple[str, str]]:
        return settings.LANGUAGES

    @property
    def sign_out_url(self) -> str:
        """Where signing out is; which view that is, the site's settings say."""
        return resolve_url(settings.LOGOUT_URL)

    @property
    def account_url(self) -> str:
        """Where one's own account is."""
        return resolve_url(settings.ACCOUNT_URL)

    @property
    def notices_url(self) -> str:
        """Where one's notices are; empty on a site without them."""
        return resolve_url(settings.NOTICES_URL) if getattr(settings, "NOTICES_URL", "") else ""

    @property
    def inbox_url(self) -> str:
        """Where everything that waits for the user is; empty on a site without an inbox."""
        return resolve_url(settings.INBOX_URL) if getattr(settings, "INBOX_URL", "") else ""

    @cached_property
    def unread(self) -> int:
        """How many notices the user has not read, up to a hundred."""
        return unread_count(asker(self.request))

    @property
    def user_name(self) -> str:
        user = getattr(self.request, "user", None)
        return str(user) if user is not None and user.is_authenticated else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}
