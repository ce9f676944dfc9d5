"""A small register that tests share, in the world of `shell/testing/worlds.py`.

group G: APP needs DB and one of LB-1, LB-2; DB needs SAN and one of FEED-A, FEED-B; both feeds need ROOM.
plant P1: GATE (a gateway) needs APP.
"""

from datetime import date
from typing import Any

from gangmu.duties.resources import services
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.models import Organisation

SINCE = date(2026, 1, 1)
KINDS = {"APP": "system", "GATE": "system", "DB": "platform", "ROOM": "room", "FEED-A": "feed", "FEED-B": "feed"}


def registered(code: str, owner: str = "G", **values: Any) -> Resource:
    given = {
        "code": code,
        "kind": KINDS.get(code, "device"),
        "name_zh": f"资源{code}",
        "name_en": f"Thing {code}",
        **values,
    }
    given["organisation"] = Organisation.objects.get(code=owner)
    return services.register(given, SINCE, by=None, scope=SYSTEM)


def needs(one: Resource, on: Resource, group: str = "", needed: int | None = None) -> Dependency:
    return services.need(one, on, since=SINCE, by=None, scope=SYSTEM, group=group, needed=needed)


def make_register() -> dict[str, Resource]:
    """The resources by code."""
    made = {
        code: registered(code, supporting=code not in ("APP", "GATE"))
        for code in ("APP", "DB", "SAN", "LB-1", "LB-2", "FEED-A", "FEED-B", "ROOM")
    }
    made["GATE"] = registered("GATE", "P1")
    needs(made["GATE"], made["APP"])
    needs(made["APP"], made["DB"])
    needs(made["APP"], made["LB-1"], "balancers")
    needs(made["APP"], made["LB-2"], "balancers")
    needs(made["DB"], made["SAN"])
    needs(made["DB"], made["FEED-A"], "power")
    needs(made["DB"], made["FEED-B"], "power")
    needs(made["FEED-A"], made["ROOM"])
    needs(made["FEED-B"], made["ROOM"])
    return made
