"""The two sites as they differ in Django's settings: their addresses and their cookies.

They may be reached under one host name, where cookies do not know ports: so no cookie has the name of another. See
docs/concepts/sites.md.
"""

from typing import Any

from gangmu.foundation.settings.sites import BUSINESS, OFFICE


def settings_at(site: str) -> dict[str, Any]:
    """What a process of `site` has that one of the other has not; "" is a process that serves neither."""
    if site == OFFICE:
        return {
            "SITE": OFFICE,
            "ROOT_URLCONF": "gangmu.shell.office.urls",
            "SESSION_COOKIE_NAME": "gangmu_office",
            "CSRF_COOKIE_NAME": "gangmu_office_csrf",
            "LANGUAGE_COOKIE_NAME": "gangmu_office_language",
            "THEME_COOKIE_NAME": "gangmu_office_theme",
            "NOTICES_URL": "",
            "INBOX_URL": "",
        }
    if site not in (BUSINESS, ""):
        raise ValueError(f"GANGMU_SITE is “{site}”: it names one of the two sites, {BUSINESS} or {OFFICE}")
    return {
        "SITE": site,
        "ROOT_URLCONF": "gangmu.shell.urls",
        "SESSION_COOKIE_NAME": "gangmu_business",
        "CSRF_COOKIE_NAME": "gangmu_business_csrf",
        "LANGUAGE_COOKIE_NAME": "gangmu_language",
        "THEME_COOKIE_NAME": "gangmu_theme",
        "NOTICES_URL": "notices:list",
        "INBOX_URL": "inbox:list",
    }
