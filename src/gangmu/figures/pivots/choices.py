"""What the page of a pivot offers to put onto rows and columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.cube.question import CATEGORY, TIER
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.tiers import units_like
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.pivots.items import MOVING
from gangmu.figures.pivots.layout import ALL, DIMENSION_WORDS, SHOWS, Layout
from gangmu.figures.scopes.queries import book
from gangmu.figures.tiles.choosing import FILED, UNIT_WORDS
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.places import Places, places
from gangmu.foundation.parties.models import Organisation

MOST_OFFERED = 60
INDENT = "\u2003"


@dataclass(frozen=True)
class Offer:
    """Something to choose: `value` is what stands in the address."""

    value: str
    label: str | Promise
    chosen: bool
    note: str = ""


@dataclass(frozen=True)
class Palette:
    """What is offered of one dimension. `written`: what may be written besides, with what it looks like."""

    dimension: str
    field: str
    label: str | Promise
    offers: list[Offer]
    written: str = ""
    example: str = ""

    @property
    def chosen(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.chosen]


def indicator_offers(known: Sequence[Indicator], layout: Layout) -> list[tuple[str, str, str]]:
    """All indicators, split ones also by category; single parts where they are chosen."""
    found: list[tuple[str, str, str]] = []
    for one in known:
        unit = unit_words(one.unit)
        if one.code in layout.indicators or not (one.member_of or _of_a_part(one, known)):
            found.append((str(one.code), one.name, f"{one.code} · {unit}" if unit else str(one.code)))
        if one.split_by:
            found.append((f"{one.code}/{CATEGORY}", _("%(indicator)s: by category") % {"indicator": one.name}, ""))
    return found


def _of_a_part(one: Indicator, known: Sequence[Indicator]) -> bool:
    """Whether it is the companion, with tax or without, of a part."""
    return bool(one.tax_of) and any(other.code == one.tax_of and other.member_of for other in known)


def palettes(layout: Layout, indicators: Sequence[tuple[str, str, str]], scope: Scope) -> list[Palette]:
    """The four palettes; what is chosen and not offered stands among them all the same."""
    return [
        Palette(
            "indicator",
            "indicator",
            DIMENSION_WORDS["indicator"],
            _with_chosen(indicators, layout.indicators),
        ),
        Palette("place", "place", DIMENSION_WORDS["place"], _with_chosen(_places(layout, places(scope)), layout.places),
                _("Others by code"), "P1, R2/children"),
        Palette(
            "period",
            "period",
            DIMENSION_WORDS["period"],
            _with_chosen([(code, words, "") for code, (words, _made) in MOVING.items()], layout.periods),
            _("Others, or a series"),
            "2026-10, 2026-01~2026-06",
        ),
        Palette("show", "show", DIMENSION_WORDS["show"],
                _with_chosen([(code, one.words, "") for code, one in SHOWS.items()], layout.shows)),
    ]  # fmt: skip


def _with_chosen(offered: Sequence[tuple[str, str | Promise, str]], chosen: Sequence[str]) -> list[Offer]:
    known = {value for value, _label, _note in offered}
    strange = [Offer(value, value, True) for value in chosen if value not in known]
    return [*strange, *(Offer(value, label, value in chosen, note) for value, label, note in offered)]


def _places(layout: Layout, known: Places) -> list[tuple[str, str, str]]:
    """The highest organisations in parts and by themselves, those below them, and what is chosen further down."""
    found: list[tuple[str, str, str]] = []
    for top in known.tops[:MOST_OFFERED]:
        found.append((top.code, top.name, ""))
        if known.children(top):
            found += [
                (f"{top.code}/children", _("%(organisation)s: directly below") % {"organisation": top.name}, ""),
                (f"{top.code}/fuel", _("%(organisation)s: by fuel") % {"organisation": top.name}, ""),
                (f"{top.code}/province", _("%(organisation)s: by province") % {"organisation": top.name}, ""),
                (f"{top.code}/{ALL}", _("%(organisation)s: all plants") % {"organisation": top.name}, ""),
            ]
        for child in known.children(top)[:MOST_OFFERED]:
            found.append((child.code, INDENT + child.name, ""))
            if known.children(child):
                words = _("%(organisation)s: directly below") % {"organisation": child.name}
                found.append((f"{child.code}/children", INDENT + words, ""))
    offered = {value for value, *_rest in found}
    further = [token for token in layout.places if token not in offered]
    names = {
        str(one.code): one.name for one in Organisation.objects.filter(code__in=[t.split("/")[0] for t in further])
    }
    suffixes = {"children": _("%(organisation)s: directly below"), "fuel": _("%(organisation)s: by fuel"),
                "province": _("%(organisation)s: by province"), ALL: _("%(organisation)s: all plants")}  # fmt: skip
    for token in further:
        code, _slash, part = token.partition("/")
        name = names.get(code, code)
        found.insert(0, (token, suffixes.get(part, "%(organisation)s") % {"organisation": name}, ""))
    return found


# Units and scopes -----------------------------------------------------------------------------------------------------


def unit_offers(known: Sequence[Indicator], layout: Layout) -> list[Offer]:
    """As filed, of the tier, and the units that fit an indicator that is chosen."""
    chosen = {token.partition("/")[0] for token in layout.indicators}
    units = units_like(str(one.unit) for one in known if one.code in chosen)
    moved = [unit for unit in units if len(units_like([unit])) > 1]
    offered: dict[str, str | Promise] = {"": UNIT_WORDS[FILED], TIER: UNIT_WORDS[TIER]}
    offered |= {unit: unit_words(unit) for unit in [*moved, layout.unit] if unit not in offered}
    return [Offer(value, words, value == layout.unit) for value, words in offered.items()]


def scope_offers(layout: Layout) -> list[Offer]:
    """All organisations, and every statistical scope."""
    known: dict[str, str | Promise] = {"": gettext_lazy("all organisations")}
    known |= {code: str(one.name) for code, one in book().items()}
    known.setdefault(layout.scope, layout.scope)
    return [Offer(value, words, value == layout.scope) for value, words in known.items()]


def told(layout: Layout) -> list[str]:
    """What is said of a pivot beside its title: by which statistical scope it counts, and in which units it is told."""
    found = []
    if layout.scope:
        known = book()
        name = str(known[layout.scope].name) if layout.scope in known else layout.scope
        found.append(_("Scope: %(scope)s") % {"scope": name})
    if layout.unit:
        words = UNIT_WORDS[TIER] if layout.unit == TIER else unit_words(layout.unit)
        found.append(_("Units: %(units)s") % {"units": words})
    return found


def place_choices(scope: Scope) -> list[tuple[str, str]]:
    """With whose people a pivot can be shared."""
    known = places(scope)
    return [
        (one.code, INDENT * depth + one.name)
        for top in known.tops
        for depth, one in [(0, top), *((1, child) for child in known.children(top))]
    ][:400]
