"""The dictionary of causes of unit events 启停原因."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gangmu.business.power.unit_days import Is, What
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.settings.shipped import from_yaml


@dataclass(frozen=True)
class Cause:
    """Why a unit stopped or was derated, and what a stopped unit then is."""

    code: str
    name: Words
    of: frozenset[What]
    state: Is


@cache
def causes() -> dict[str, Cause]:
    """All causes by code, in the order of the dictionary."""
    text = files("gangmu.business.power.content").joinpath("event_causes.yaml").read_text("utf-8")
    return {
        row["code"]: Cause(
            row["code"],
            Words(row["zh"], row["en"]),
            frozenset(map(What, row["of"])),
            Is(row.get("state", Is.FORCED)),
        )
        for row in from_yaml(text)
    }


def explains(code: str, what: What) -> bool:
    """Whether a cause is known and explains such an event."""
    cause = causes().get(code)
    return cause is not None and what in cause.of
