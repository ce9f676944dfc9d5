"""Pages of either site, asked at one of them."""

from urllib.parse import urlsplit

from django.urls import NoReverseMatch, Resolver404, ResolverMatch, resolve, reverse

from gangmu.shell.sites import settings_at


def page_at(site: str, name: str) -> str:
    """The address of a page at a site; empty where it has none."""
    try:
        return reverse(name, urlconf=settings_at(site)["ROOT_URLCONF"])
    except NoReverseMatch:
        return ""


def match_at(site: str, address: str) -> ResolverMatch | None:
    """What stands at an address of a site: a path, or a whole address of which the path counts."""
    parts = urlsplit(address)
    try:
        return resolve(parts.path, urlconf=settings_at(site)["ROOT_URLCONF"])
    except Resolver404:
        return None


def leads_at(site: str, to: str) -> bool:
    """Whether a link stays at the site and leads to a page of it."""
    parts = urlsplit(to)
    if parts.scheme or parts.netloc or not to.startswith("/") or to.startswith("//") or "\\" in to:
        return False
    return match_at(site, to) is not None
