"""Run hours and states of units for the sheet of a day, proposed from the event log."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache

from django.utils.translation import gettext_lazy as _

from gangmu.business.power import queries
from gangmu.business.power.content import composing
from gangmu.business.power.unit_days import UnitDay
from gangmu.figures.filing.entry import figure, show
from gangmu.figures.filing.layouts import Key, Layout
from gangmu.figures.filing.models import Mark, Sheet
from gangmu.figures.filing.proposals import Proposed, register

EVENT_LOG = _("event log of the unit")


@cache
def _state_numbers() -> dict[str, int]:
    return {row["code"]: row["value"] for row in composing.unit_states()}


FROM_LOG: dict[str, Callable[[UnitDay], Fraction | None]] = {
    "unit_state": lambda day: Fraction(_state_numbers()[day.state]),
    "run_hours": lambda day: day.run_hours,
    "available_hours": lambda day: day.available_hours,
    "derated_hours": lambda day: day.derated_hours,
}


def from_event_log(sheet: Sheet, layout: Layout) -> dict[Key, Proposed]:
    """What the log says of each unit of a daily sheet; nothing for units of which it says nothing."""
    if layout.definition.grain != "day" or not FROM_LOG.keys() & layout.columns.keys():
        return {}
    units = {key[0] for key in layout.cells if key[1] in FROM_LOG}
    capacities = {pk: layout.rows[pk].capacity_mw for pk in units}
    days = queries.unit_days(
        {pk: None if mw is None else Fraction(mw) for pk, mw in capacities.items()}, layout.period.start
    )
    found: dict[Key, Proposed] = {}
    for key, column in layout.cells.items():
        day = days.get(key[0])
        value = FROM_LOG[key[1]](day) if day and key[1] in FROM_LOG else None
        if value is not None:
            scaled = _half_up(value * 10**column.decimals) * 10 ** (column.indicator.scale - column.decimals)
            found[key] = Proposed(figure(scaled, column), show(scaled, column), EVENT_LOG, Mark.DERIVED)
    return found


def _half_up(value: Fraction) -> int:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def register_source() -> None:
    """Let sheets ask the log."""
    register(from_event_log)
