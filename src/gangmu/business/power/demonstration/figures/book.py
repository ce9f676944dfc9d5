"""Where models write their figures: scaled as they are stored, cut to the window, as blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from gangmu.business.power.demonstration.figures.calendar import EPOCH, Calendar
from gangmu.business.power.demonstration.figures.noise import Booleans, Floats, Ints

PRECISION = {  # of content/indicators; a test holds them together
    "generation": 1, "auxiliary": 1, "unit_state": 0, "run_hours": 2, "available_hours": 2, "derated_hours": 2,
    "pumping_energy": 1, "on_grid_energy": 3, "purchased_energy": 3, "on_grid_price": 2, "marginal_contribution": 4,
    "marginal_cost": 4, "coal_stock_opening": 1, "coal_received": 1, "coal_consumed": 1, "coal_consumed_heat": 1,
    "stock_taking": 1, "coal_stock": 1, "coal_heating_value": 0, "standard_coal": 1, "standard_coal_heat": 1,
    "standard_coal_price": 2, "overall_net_coal_rate_filed": 2, "oil_consumed": 2, "oil_stock": 2, "gas_consumed": 4,
    "gas_heating_value": 0, "heat_supplied": 1, "heat_price": 2, "auxiliary_heat": 1, "opening_level": 2,
    "closing_level": 2, "inflow": 2, "outflow": 2, "generation_water": 2, "spill_water": 2, "opening_storage": 2,
    "closing_storage": 2, "curtailed_hydro": 1, "reference_wind_speed": 2, "curtailed_wind": 1,
    "wind_use_rate_filed": 2, "sunshine_hours": 2, "curtailed_solar": 1, "solar_use_rate_filed": 2,
    "biomass_stock_opening": 1, "biomass_received": 1, "biomass_consumed": 1, "biomass_stock_taking": 1,
    "biomass_stock": 1, "biomass_heating_value": 0, "waste_received": 1, "waste_burned": 1, "reactor_power": 1,
    "full_power_days": 3, "charge_energy": 3, "discharge_energy": 3, "state_of_charge": 1, "charge_count": 2,
    "heat_bought": 1, "heat_produced": 1, "heat_sold": 1, "heat_loss": 1, "heating_area": 2, "make_up_water": 1,
    "heat_sold_price": 2, "aggregated_capacity": 3, "adjustable_capacity_up": 3, "adjustable_capacity_down": 3,
    "called_times": 0, "called_hours": 2, "response_energy": 3, "response_price": 2,
}  # fmt: skip
BLANK_WHEN_OUT = frozenset({  # marked out of service they have no figure, all others have 0
    "coal_heating_value", "standard_coal_price", "overall_net_coal_rate_filed", "gas_heating_value",
    "biomass_heating_value", "response_price",
})  # fmt: skip


@dataclass(frozen=True)
class Block:
    """Figures of one indicator for some organisations over consecutive days.

    Args:
        organisations: their codes, the rows of the arrays.
        first: the day of column 0.
        values: scaled by 10^precision of the indicator.
        present: false where nothing is filed.
        out: true where the mark *out of service* 停运 is filed instead of a figure: the value is 0 where `present` is
            true too, and blank else.
    """

    indicator: str
    organisations: Sequence[str]
    first: date
    values: Ints
    present: Booleans
    out: Booleans

    @property
    def precision(self) -> int:
        return PRECISION[self.indicator]


class Book:
    """Takes the figures of all days since the epoch and keeps those of a window."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        self.calendar = calendar
        self.first = max(first, EPOCH)
        self.window = slice(calendar.at(self.first), calendar.at(last + timedelta(days=1)))
        self.blocks: list[Block] = []

    def write(
        self,
        indicator: str,
        codes: Sequence[str],
        values: Ints,
        present: Booleans,
        out: Booleans | None = None,
    ) -> None:
        """Scaled figures, rows by code and columns by day.

        Args:
            out: where the organisation is out of service; what is written there is the mark.
        """
        shape = (len(codes), self.calendar.count)
        shown = np.broadcast_to(present, shape)[:, self.window]
        marked = np.zeros_like(shown) if out is None else np.broadcast_to(out, shape)[:, self.window] & shown
        kept = np.where(shown & ~marked, np.broadcast_to(values, shape)[:, self.window], 0)
        if indicator in BLANK_WHEN_OUT:
            shown = shown & ~marked
        if (shown | marked).any():
            self.blocks.append(Block(indicator, codes, self.first, kept, shown, marked))

    def figure(
        self,
        indicator: str,
        codes: Sequence[str],
        values: Floats,
        present: Booleans,
        out: Booleans | None = None,
    ) -> Ints:
        """Figures in their unit; gives them back scaled, as they are filed."""
        made = scaled(indicator, values)
        self.write(indicator, codes, made, present, out)
        return made

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks)


def scaled(indicator: str, values: Floats) -> Ints:
    """As they are stored."""
    return np.rint(values * 10.0 ** PRECISION[indicator]).astype(np.int64)


def as_filed(indicator: str, values: Floats) -> Floats:
    """Rounded to the decimals that are filed, so that what is worked out of it fits."""
    return unscaled(indicator, scaled(indicator, values))


def unscaled(indicator: str, values: Ints) -> Floats:
    return values / 10.0 ** PRECISION[indicator]
