"""Addresses of pages that the other site may have."""

from typing import Any

from django.urls import NoReverseMatch, reverse


def here(name: str, *args: Any) -> str:
    """The address of a page at this site; empty where this site has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
