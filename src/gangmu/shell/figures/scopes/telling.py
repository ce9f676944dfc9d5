"""A scope's rules in words of the active language."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from gangmu.figures.scopes.definitions import WHOLE, Part, ScopeDefinition, Version
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.kinds import Words


@dataclass(frozen=True)
class ToldVersion:
    days: str
    count: list[str]
    exceptions: list[str]


def told(one: ScopeDefinition, organisations: Mapping[str, str], scopes: Mapping[str, str]) -> list[ToldVersion]:
    """Its versions, the latest first; organisations that are not among those given stand as “…”."""

    def part(given: Part) -> str:
        return _part(given, organisations, scopes)

    return [
        ToldVersion(_days(version), [part(one) for one in version.count], [part(one) for one in version.exceptions])
        for version in reversed(one.versions)
    ]


def _days(version: Version) -> str:
    return str(Days.until(version.first, version.last))


def _part(part: Part, organisations: Mapping[str, str], scopes: Mapping[str, str]) -> str:
    conditions: list[str] = []
    if part.scope:
        conditions.append(_("as in “%(scope)s”") % {"scope": scopes.get(part.scope, part.scope)})
    if part.organisations:
        names = dict.fromkeys(organisations.get(code, "…") for code in part.organisations)
        conditions.append(_("%(names)s and all below") % {"names": ", ".join(names)})
    for name, values in part.attributes:
        attribute = kinds.attributes().get(name)
        label = str(attribute.label) if attribute else name
        conditions.append(f"{label}: {', '.join(attribute.shown(one) if attribute else one for one in values)}")
    if part.kinds:
        known = {one.code: str(one.name) for one in kinds.all_kinds()}
        conditions.append(f"{_('Kind')}: {', '.join(known.get(code, code) for code in part.kinds)}")
    text = "; ".join(conditions) or _("all organisations")
    return text if part.share == WHOLE else f"{text} × {share_words(part.share)}"


def counted_words(scope: Mapping[str, Any]) -> str:
    """A scope as an explanation tells it: its name, how many it counts and how many of them with a share."""
    counted = _("%(count)d count, %(shared)d of them with a share") % {
        "count": scope["organisations"],
        "shared": scope["with_a_share"],
    }
    return f"{Words(**scope['name'])} · {counted}"


def share_words(share: Fraction | str) -> str:
    if isinstance(share, str):
        attribute = kinds.attributes().get(share)
        return str(attribute.label) if attribute else share
    return f"{float(share * 100):.12g}%"
