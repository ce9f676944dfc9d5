"""What a correction changes, and what follows from it: derived figures, totals above, openings of the next period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from gangmu.figures.filing.entry import show
from gangmu.figures.filing.layouts import Column, Key, Layout
from gangmu.figures.filing.models import Correction
from gangmu.figures.indicators.queries import catalogue
from gangmu.foundation.parties import queries as parties
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.templatetags.ui import number


@dataclass(frozen=True)
class Change:
    """One figure of a correction in words."""

    key: Key
    column: Column
    where: str
    old: str
    new: str
    difference: str


@dataclass(frozen=True)
class Restated:
    """What a correction restates once it is in force."""

    indicators: tuple[str, ...]
    organisations: tuple[str, ...]
    periods: tuple[str, ...]
    openings: tuple[str, ...]


def changes(correction: Correction, layout: Layout) -> list[Change]:
    """The figures of a correction in the order of the sheet."""
    held = {layout.keys_by_id.get((cell.organisation_id, cell.indicator_id)): cell for cell in correction.cells.all()}
    return [
        _change(key, column, layout, held[key].old, held[key].new)
        for key, column in layout.cells.items()
        if key in held
    ]


def _change(key: Key, column: Column, layout: Layout, old: int | None, new: int) -> Change:
    moved = Decimal(new - old).scaleb(-column.indicator.precision) if old is not None else None
    return Change(
        key=key,
        column=column,
        where=str(layout.rows[key[0]].name),
        old="" if old is None else _shown(old, column),
        new=_shown(new, column),
        difference="" if moved is None or column.item.choices else f"{'+' if moved > 0 else ''}{number(moved)}",
    )


def _shown(value: int, column: Column) -> str:
    return show(value, column) if column.item.choices else number(Decimal(value).scaleb(-column.indicator.precision))


def restated(changed: Sequence[Change], layout: Layout) -> Restated | None:
    """What follows; None while nothing is to be changed."""
    if not changed:
        return None
    codes = {one.column.code for one in changed}
    organisation = Organisation.objects.get(pk=layout.organisation.organisation_id)
    above = parties.path(organisation, layout.period.end)[:-1]
    kinds = (Kind.DAY, Kind.WEEK, Kind.TEN_DAY, Kind.MONTH, Kind.QUARTER, Kind.HALF, Kind.YEAR)
    spans = [Period.of(kind, layout.period.end) for kind in kinds]
    return Restated(
        indicators=tuple(following(codes)),
        organisations=tuple(one.name for one in above),
        periods=tuple(one.code for one in spans if one.days >= layout.period.days),
        openings=tuple(
            _("%(opening)s of the next period") % {"opening": column.name}
            for column in layout.columns.values()
            if column.item.opens_with in codes
        ),
    )


def following(codes: Iterable[str]) -> list[str]:
    """The names of the indicators whose formulas come to depend on some others, however indirectly."""
    asked = set(codes)
    known = catalogue()
    return sorted(str(known[code].name) for code in known.dependants(asked) - asked)
