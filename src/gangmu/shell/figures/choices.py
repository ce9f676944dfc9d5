"""What the look-up's form offers, with what is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from gangmu.figures.cube.question import COMPARISONS, STATES
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.scopes.queries import book
from gangmu.shell.figures.asking import Asked
from gangmu.shell.figures.places import PlaceGroup
from gangmu.shell.figures.sheets import state_word

Text = str | Promise

KIND_WORDS: dict[str, Text] = {
    "day": pgettext_lazy("kind of period", "Day"),
    "week": pgettext_lazy("kind of period", "Week"),
    "ten_day": pgettext_lazy("kind of period", "Ten days"),
    "month": pgettext_lazy("kind of period", "Month"),
    "quarter": pgettext_lazy("kind of period", "Quarter"),
    "half": pgettext_lazy("kind of period", "Half"),
    "year": pgettext_lazy("kind of period", "Year"),
}
BY: dict[str, Text] = {
    "": _("not split"),
    "children": _("Directly below"),
    "fuel": _("Fuel"),
    "province": _("Province"),
    "grid": _("Grid"),
    "kind": _("Kind"),
    "category": _("Category"),
}
COMPARE: dict[str, Text] = {
    "": _("nothing"),
    "previous": _("the period before"),
    "year-ago": _("the same period a year ago"),
    "year-ago-festival": _("a year ago, aligned by the Spring Festival"),
    "to-date": _("year to date, beside it"),
    "to-date-year-ago": _("year to date, with last year's"),
}
UNITS: dict[str, Text] = {"": _("of each indicator"), "tier": _("of the tier")}
TAX: dict[str, Text] = {"": _("as filed"), "included": _("tax included"), "excluded": _("tax excluded")}
STRUCTURE: dict[str, Text] = {
    "then": _("as it was each day"),
    "now": _("as it is today"),
}


@dataclass(frozen=True)
class Choice:
    value: str
    label: Text
    chosen: bool
    note: str = ""
    parts: "tuple[Choice, ...]" = ()  # of a split indicator, by category

    @property
    def has_chosen_part(self) -> bool:
        return any(one.chosen for one in self.parts)


@dataclass(frozen=True)
class Group:
    label: Text
    choices: list[Choice]


@dataclass(frozen=True)
class Select:
    """One drop-down list; a value that it does not know is kept, so that the error beside it makes sense."""

    name: str
    label: Text
    choices: list[Choice]


def selects(asked: Asked) -> list[Select]:
    states = {code: _("any state") if place == 0 else state_word(code) for place, code in enumerate(STATES)}
    scopes: dict[str, Text] = {"": _("all organisations"), **{code: str(one.name) for code, one in book().items()}}
    assert set(COMPARE) == {"", *COMPARISONS}
    return [
        _select("by", _("Split by"), BY, asked.by),
        _select("compare", _("Against"), COMPARE, asked.compare),
        _select("structure", _("Organisation tree"), STRUCTURE, asked.structure),
        _select("scope", _("Statistical scope"), scopes, asked.scope),
        _select("at_least", _("State at least"), states, asked.at_least),
        _select("unit", _("Units shown"), UNITS, asked.unit),
        _select("tax", _("Tax"), TAX, asked.tax),
    ]


def _select(name: str, label: Text, known: Mapping[str, Text], value: str) -> Select:
    found = [Choice(code, text, code == value) for code, text in known.items()]
    return Select(name, label, found if value in known else [*found, Choice(value, value, True)])


def indicators(known: Sequence[Indicator], asked: Asked) -> list[Group]:
    """All indicators: daily before monthly, filed before computed; each with its other name, code and unit, split ones
    with their parts. Companions with tax or without stand there where they are chosen: the switch is how to ask."""
    headings = {
        ("day", False): _("Filed every day"),
        ("day", True): _("Computed from daily figures"),
        ("month", False): _("Filed every month"),
        ("month", True): _("Computed from monthly figures"),
    }
    chinese = (get_language() or "zh-hans").startswith("zh")
    codes = {one.code for one in known}
    known = [one for one in known if not one.tax_of or one.code in asked.indicators]
    parts: dict[str, list[Choice]] = {}
    for one in known:
        if one.member_of:
            choice = Choice(str(one.code), one.name.rpartition("·")[2].strip(), one.code in asked.indicators)
            parts.setdefault(str(one.member_of), []).append(choice)
    groups: list[Group] = []
    for (grain, computed), heading in headings.items():
        found = [
            Choice(
                str(one.code),
                one.name,
                one.code in asked.indicators,
                " · ".join(filter(None, [one.name_en if chinese else one.name_zh, one.code, unit_words(one.unit)])),
                tuple(parts.get(str(one.code), ())),
            )
            for one in known
            if one.grain == grain and one.is_formula == computed and not one.member_of
        ]
        groups += [Group(heading, found)] if found else []
    strange = [Choice(code, code, True) for code in asked.indicators if code not in codes]
    return [*groups, Group(_("Unknown"), strange)] if strange else groups


def chosen(known: Sequence[Indicator], asked: Asked) -> list[str]:
    """The names of what is asked for, as the closed list tells it."""
    names = {str(one.code): one.name for one in known}
    return [names.get(code, code) for code in asked.indicators]


def places(groups: Sequence[PlaceGroup], asked: Asked, further: dict[str, str]) -> list[Group]:
    """The organisations; one that is not among them (further down, or unknown) stands at the top."""
    found = [
        Group(
            group.label, [Choice(place.code, place.label, place.code == asked.organisation) for place in group.places]
        )
        for group in groups
    ]
    if asked.organisation and not any(choice.chosen for group in found for choice in group.choices):
        own = Choice(asked.organisation, further.get(asked.organisation, asked.organisation), True)
        return [Group("", [own]), *found]
    return found


def encoded(name: str, value: str) -> str:
    return urlencode({name: value})
