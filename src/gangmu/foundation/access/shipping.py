"""Roles as business rooms ship them. An administrator's own changes to a role stand; only missing ones are added."""

from collections.abc import Iterable, Mapping
from typing import Any

from gangmu.foundation.access.models import Role


def add_missing_roles(entries: Iterable[Mapping[str, Any]]) -> None:
    """Add the roles that are not there yet: `{code, name: {zh, en}, site, permissions}`."""
    for entry in entries:
        if Role.objects.filter(code=entry["code"]).exists():
            continue
        role = Role(
            code=entry["code"],
            name_zh=entry["name"]["zh"],
            name_en=entry["name"]["en"],
            site=entry["site"],
            permissions=entry["permissions"],
        )
        role.full_clean()
        role.save()
