"""What a correction changes, and what follows from it: derived figures, totals above, openings of the next period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gangmu.figures.filing.entry import figure, show
from gangmu.figures.filing.layouts import Column, Key, Layout
from gangmu.figures.filing.models import Correction
from gangmu.figures.filing.views.tables import short_names
from gangmu.figures.indicators.catalogue import Catalogue
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
    further: int  # indicators that also need figures of other forms
    organisations: tuple[str, ...]
    periods: tuple[str, ...]
    openings: tuple[str, ...]


def changes(correction: Correction, layout: Layout) -> list[Change]:
    """The figures of a correction in the order of the sheet."""
    held = {layout.keys_by_id.get((cell.organisation_id, cell.indicator_id)): cell for cell in correction.cells.all()}
    names = short_names(layout)
    return [
        _change(key, column, names, held[key].old, held[key].new) for key, column in layout.cells.items() if key in held
    ]


def _change(key: Key, column: Column, names: Mapping[int, str], old: int | None, new: int) -> Change:
    moved = figure(new - old, column) if old is not None else None
    return Change(
        key=key,
        column=column,
        where=names[key[0]],
        old="" if old is None else _shown(old, column),
        new=_shown(new, column),
        difference="" if moved is None or column.item.choices else f"{'+' if moved > 0 else ''}{number(moved)}",
    )


def _shown(value: int, column: Column) -> str:
    return show(value, column) if column.item.choices else number(figure(value, column))


def restated(changed: Sequence[Change], layout: Layout) -> Restated | None:
    """What follows; None while nothing is to be changed."""
    if not changed:
        return None
    codes = {one.column.code for one in changed}
    near, far = following(codes, set(layout.columns))
    organisation = Organisation.objects.get(pk=layout.organisation.organisation_id)
    above = parties.path(organisation, layout.period.end)[:-1]
    kinds = (Kind.DAY, Kind.WEEK, Kind.TEN_DAY, Kind.MONTH, Kind.QUARTER, Kind.HALF, Kind.YEAR)
    spans = [Period.of(kind, layout.period.end) for kind in kinds]
    return Restated(
        indicators=tuple(near),
        further=len(far),
        organisations=tuple(one.name for one in above),
        periods=tuple(one.code for one in spans if one.days >= layout.period.days),
        openings=tuple(
            _("%(opening)s of the next period") % {"opening": column.name}
            for column in layout.columns.values()
            if column.item.opens_with in codes
        ),
    )


def following(codes: set[str], filed: set[str]) -> tuple[list[str], list[str]]:
    """The names of the indicators whose formulas come to depend on some others, however indirectly: those that need
    nothing but figures of this form (`filed`), and those that need figures of other forms too."""
    known = catalogue()
    near: list[str] = []
    far: list[str] = []
    for code in known.dependants(codes) - codes:
        (near if _stored(known, code) <= filed else far).append(str(known[code].name))
    return sorted(near), sorted(far)


def _stored(known: Catalogue, code: str) -> set[str]:
    """The filed indicators on which one comes to depend."""
    found: set[str] = set()
    waiting, seen = [code], {code}
    while waiting:
        for needed in known.needs_if_readable(waiting.pop()):
            if needed in seen or needed not in known:
                continue
            seen.add(needed)
            if known[needed].formula:
                waiting.append(needed)
            else:
                found.add(needed)
    return found
