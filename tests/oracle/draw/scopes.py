"""Statistical scopes; the shares of the parts of a version come to at most 100 %."""

from collections import Counter
from datetime import date
from random import Random

from oracle.draw.organisations import FUELS
from oracle.world import OrganisationLine, Scope, ScopePart, ScopeVersion

_SPLITS = (
    ("",),
    ("",),
    ("ownership",),
    ("ownership",),
    ("50", "50"),
    ("33.3", "66.7"),
    ("40", "12.5", "0.01"),
    ("61",),
)


def draw_scopes(
    rng: Random, lines: list[OrganisationLine], changes: list[date], features: Counter[str]
) -> tuple[Scope, ...]:
    found: list[Scope] = []
    codes = sorted({line.code for line in lines})
    kinds = sorted({line.kind for line in lines})
    for number in range(rng.choice((0, 1, 2, 2, 3))):
        others = [one.code for one in found]
        days = ["", *sorted({day.isoformat() for day in changes if rng.random() < 0.4})]
        if rng.random() < 0.15 and len(days) > 1:
            days = days[1:]
            features["scope: begins on a day"] += 1
        versions = tuple(
            ScopeVersion(
                day,
                tuple(_part(rng, codes, kinds, others, share) for share in rng.choice(_SPLITS)),
                (_part(rng, codes, kinds, others, "", narrow=True),) if rng.random() < 0.3 else (),
            )
            for day in days
        )
        scope = Scope(
            f"S{number}",
            versions,
            rng.choice(("in",) * 6 + ("period", "year", "last-year")),
            rng.choice(("", "", "", "", "then", "now")),
            ("group", "region", "plant") if rng.random() < 0.1 else (),
        )
        _count(scope, features)
        found.append(scope)
    return tuple(found)


def _part(
    rng: Random, codes: list[str], kinds: list[str], others: list[str], share: str, *, narrow: bool = False
) -> ScopePart:
    if not narrow and rng.random() < 0.5:
        return ScopePart(share=share)
    match rng.choice(("organisations", "fuels", "kinds", "scope", "two")):
        case "organisations":
            return ScopePart(organisations=_some(rng, codes), share=share)
        case "fuels":
            return ScopePart(fuels=_some(rng, FUELS), share=share)
        case "kinds":
            return ScopePart(kinds=_some(rng, kinds), share=share)
        case "scope" if others:
            return ScopePart(scope=rng.choice(others), share=share)
        case _:
            return ScopePart(organisations=_some(rng, codes), fuels=_some(rng, FUELS), share=share)


def _some(rng: Random, values: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(rng.sample(list(values), min(len(values), rng.choice((1, 1, 2, 3))))))


def _count(scope: Scope, features: Counter[str]) -> None:
    parts = [part for version in scope.versions for part in (*version.count, *version.exceptions)]
    for name, there in (
        ("shares of ownership", any(part.share == "ownership" for part in parts)),
        ("shares in numbers", any(part.share[:1].isdigit() for part in parts)),
        ("another scope in it", any(part.scope for part in parts)),
        ("exceptions", any(version.exceptions for version in scope.versions)),
        ("several versions", len(scope.versions) > 1),
        ("several parts", any(len(version.count) > 1 for version in scope.versions)),
        ("a structure of its own", bool(scope.structure)),
    ):
        features[f"scope: {name}"] += there
    features[f"scope: new plants {scope.new_plants}"] += 1
