"""Where plants stand and how big they are, and what units are called: what is no figure, in the asker's scope."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.models import AttributeValue, Placement
from gangmu.foundation.settings import clock


@dataclass(frozen=True)
class Positions:
    """Wants where organisations are and what capacity is in service there today."""


@dataclass
class Standing:
    """One organisation: longitude and latitude, where they are known; its capacity in MW; its province as written."""

    at: dict[str, float] = field(default_factory=dict)
    capacity: float = 0.0
    province: str = ""

    @property
    def point(self) -> tuple[float, float] | None:
        return (self.at["longitude"], self.at["latitude"]) if len(self.at) == 2 else None


def fetch_positions(wanted: Sequence[Positions], scope: Scope) -> Mapping[Positions, dict[int, Standing]]:
    """By the organisation's id; capacities of units count for the one right above them."""
    today = clock.today()
    rows = AttributeValue.objects.order_by().filter(
        name__in=("longitude", "latitude", "province", "capacity_mw"),
        valid__contains=today,
        organisation__placements__valid__contains=today,
    )
    found: dict[int, Standing] = defaultdict(Standing)
    for pk, parent, name, text, value in rows.values_list(
        "organisation_id", "organisation__placements__parent_id", "name", "value", "number"
    ):
        if name == "province":
            found[pk].province = text
        elif name == "capacity_mw":
            found[pk].capacity += float(value or 0)
            found[parent].capacity += float(value or 0)
        else:
            found[pk].at[name] = float(value or 0)
    return {one: dict(found) for one in wanted}


@dataclass(frozen=True)
class NamesBelow:
    """Wants the names of those right below an organisation today."""

    pk: int


def fetch_names_below(wanted: Sequence[NamesBelow], scope: Scope) -> Mapping[NamesBelow, dict[str, str]]:
    """By code, in the active language."""
    rows = Placement.objects.order_by().filter(valid__contains=clock.today(), parent_id__in=[one.pk for one in wanted])
    found: dict[NamesBelow, dict[str, str]] = {one: {} for one in wanted}
    for placement in rows.select_related("child"):
        found[NamesBelow(placement.parent_id)][str(placement.child.code)] = placement.child.name
    return found
