"""Tiles that draw many figures: over time, by fuel, by place."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.cube.gateway import Question
from gangmu.figures.cube.question import CATEGORY, Row
from gangmu.figures.tiles.asking import Figures
from gangmu.figures.tiles.names import Categories, Name
from gangmu.figures.tiles.positions import NamesBelow
from gangmu.figures.tiles.showing import attribute_word, lookup, marks, one_unit, short
from gangmu.figures.tiles.wanting import back, question, question_of_lowest
from gangmu.foundation.boards.places import Place
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.parties import kinds
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.templatetags.ui import number

Found = Mapping[Any, Any]
YEAR_AGO = "year-ago"
MOST = 10


@lru_cache(maxsize=4096)
def _path(code: str) -> str:
    return reverse("boards:of", args=[code])


def home(asked: Asked, place: Place) -> str:
    """The home page of another organisation, at the same time and state."""
    return _path(place.code) + asked.carried


def home_of_any(asked: Asked) -> str:
    """The address of a home page with `{code}` where the organisation's stands."""
    return _path("0").replace("/0/", "/{code}/") + asked.carried


def _value(row: Row | None) -> float | None:
    return None if row is None or row.value is None else float(row.value)


def _shown(row: Row | None) -> str:
    return "" if row is None or row.value is None else number(row.value)


# Over time ------------------------------------------------------------------------------------------------------------


def _trend(asked: Asked) -> Question:
    return question(asked, [asked.options["indicator"]], periods=back(asked.period), compare=YEAR_AGO)


def wants_trend(asked: Asked) -> Sequence[Hashable]:
    return [_trend(asked), Name(asked.options["indicator"])]


def show_trend(asked: Asked, found: Found) -> dict[str, Any] | None:
    """The last periods as a line, the same of a year ago dashed behind it."""
    asking, code = _trend(asked), asked.options["indicator"]
    answer: Figures = found[asking]
    rows = answer.of(code)
    if not any(row.expected or row.reported for row in rows):
        return {"problem": answer.problem} if answer.problem else None
    periods = [Period.parse(row.period) for row in rows]
    series = [{"name": _("This year"), "values": [*map(_value, rows)], "shown": [*map(_shown, rows)], "role": "main"}]
    before = [row.compare.value if row.compare else None for row in rows]
    if any(value is not None for value in before):
        values = [None if value is None else float(value) for value in before]
        shown = [number(value) if value is not None else "" for value in before]
        series.append({"name": _("Last year"), "values": values, "shown": shown, "role": "before"})
    home_ = reverse("boards:of", args=[asked.organisation.code])
    chart = {
        "kind": asked.options.get("as", "line"),
        "unit": one_unit(rows),
        "labels": [*map(short, periods)],
        "series": series,
        "urls": [f"{home_}?period={row.period}" for row in rows],
    }
    return {
        "chart": chart,
        "label": found[Name(code)],
        "words": [(period.label(get_language() or ""), _shown(row)) for period, row in zip(periods, rows, strict=True)],
        "marks": marks(rows),
        "url": lookup(asked, [code], compare=YEAR_AGO),
    }


# By an attribute ------------------------------------------------------------------------------------------------------


def _by(asked: Asked) -> str:
    return str(asked.options.get("by", "fuel"))


def _parts(asked: Asked) -> Question:
    return question(asked, [asked.options["indicator"]], by=_by(asked), compare=asked.compare)


def _total(asked: Asked) -> Question:
    """In the unit of the parts; those by category are told as they were filed."""
    return question(asked, [asked.options["indicator"]], compare=asked.compare, as_filed=_by(asked) == CATEGORY)


def wants_mix(asked: Asked) -> Sequence[Hashable]:
    code = asked.options["indicator"]
    return [_parts(asked), _total(asked), Name(code), *([Categories(code)] if _by(asked) == CATEGORY else [])]


def show_mix(asked: Asked, found: Found) -> dict[str, Any] | None:
    """How a total is made up. One part alone is no mix: nothing to show."""
    asking, code = _parts(asked), asked.options["indicator"]
    answer: Figures = found[asking]
    rows = sorted(answer.of(code), key=lambda row: -(_value(row) or 0))
    if len(rows) < 2:
        return {"problem": answer.problem} if answer.problem else None
    total = found[_total(asked)].row(code)
    word = _words_of(asked, found)
    parts = [
        {
            "name": word(row.group),
            "value": _value(row),
            "shown": _shown(row) or "–",
            "url": lookup(asked, [code], by=CATEGORY if _by(asked) == CATEGORY else "children"),
        }
        for row in rows
    ]
    for part, tone in zip(parts, (_tone(asked, row.group) for row in rows), strict=True):
        if tone:
            part["tone"] = tone
    return {
        "chart": {"kind": "mix", "unit": one_unit(rows), "total": _shown(total), "parts": parts},
        "label": found[Name(code)],
        "words": [(part["name"], part["shown"]) for part in parts],
        "marks": marks([*rows, total]),
        "url": lookup(asked, [code], by=_by(asked)),
    }


def _words_of(asked: Asked, found: Found) -> Callable[[str | None], str]:
    """What the values of an attribute, or the categories of the indicator, are called."""
    if _by(asked) != CATEGORY:
        return lambda value: attribute_word(_by(asked), value)
    names = found[Categories(asked.options["indicator"])]
    return lambda value: names.get(value or "", value or _("not categorised"))


def _tone(asked: Asked, value: str | None) -> str:
    """The colour that the page gives to a value, so that coal is coal in every chart."""
    attribute = kinds.attributes().get(_by(asked))
    choice = attribute.choice(value) if attribute and value else None
    return str(asked.options.get("tones", {}).get(choice.code if choice else value, ""))


def wants_bars(asked: Asked) -> Sequence[Hashable]:
    return [_parts(asked), Name(asked.options["indicator"])]


def show_bars(asked: Asked, found: Found) -> dict[str, Any] | None:
    """A figure of each value of an attribute, beside what it is compared with."""
    asking, code = _parts(asked), asked.options["indicator"]
    answer: Figures = found[asking]
    rows = [row for row in answer.of(code) if row.value is not None]
    if not rows:
        return {"problem": answer.problem} if answer.problem else None
    rows.sort(key=lambda row: -(_value(row) or 0))
    series = [{"name": _("This period"), "values": [*map(_value, rows)], "shown": [*map(_shown, rows)], "role": "main"}]
    before = [row.compare.value if row.compare else None for row in rows]
    if any(value is not None for value in before):
        values = [None if value is None else float(value) for value in before]
        shown = [number(value) if value is not None else "" for value in before]
        name = _("Year ago") if asked.compare == YEAR_AGO else _("Period before")
        series.append({"name": name, "values": values, "shown": shown, "role": "before"})
    labels = [attribute_word(_by(asked), row.group) for row in rows]
    return {
        "chart": {"kind": "bar", "unit": one_unit(rows), "labels": labels, "series": series},
        "label": found[Name(code)],
        "words": [*zip(labels, map(_shown, rows), strict=True)],
        "marks": marks(rows),
        "url": lookup(asked, [code], by=_by(asked), compare=asked.compare),
    }


# By place -------------------------------------------------------------------------------------------------------------


def _places(asked: Asked) -> Question | None:
    codes = [asked.options["indicator"]]
    if asked.options.get("of") == "plants":
        return question_of_lowest(asked, codes)
    if asked.options.get("of") == "provinces":
        return question(asked, codes, by="province")
    has_places = bool(asked.places.children(asked.organisation))
    return question(asked, codes, by="children") if has_places or asked.options.get("of") == "units" else None


def wants_ranking(asked: Asked) -> Sequence[Hashable]:
    asking = _places(asked)
    if asking is None:
        return []
    names = [NamesBelow(asked.organisation.pk)] if asked.options.get("of") == "units" else []
    return [asking, Name(asked.options["indicator"]), *names]


def show_ranking(asked: Asked, found: Found) -> dict[str, Any] | None:
    """The first (or, with `order: least`, the last) of those below, each leading to its home."""
    asking, code = _places(asked), asked.options["indicator"]
    if asking is None:
        return None
    answer: Figures = found[asking]
    rows = [row for row in answer.of(code) if row.value is not None and (row.group or not asking.by)]
    if len(rows) < 2:
        return {"problem": answer.problem} if answer.problem else None
    least = asked.options.get("order") == "least"
    rows.sort(key=lambda row: (_value(row) or 0) * (1 if least else -1))
    shown = rows[: int(asked.options.get("most", MOST))]
    known = asked.places.by_code
    units = found.get(NamesBelow(asked.organisation.pk), {})
    own = asked.organisation.name
    units = {code: name.removeprefix(own).strip() or name for code, name in units.items()}  # the page says whose
    ranked = [
        {
            "name": _named(asked, whose, known, units),
            "value": _value(row),
            "shown": _shown(row),
            "url": home(asked, known[whose]) if whose in known else "",
        }
        for row in shown
        for whose in [row.group or row.organisation]
    ]
    of_all = _("%(shown)s of %(all)s") % {"shown": len(shown), "all": len(rows)} if len(rows) > len(shown) else ""
    return {
        "chart": {"kind": "ranking", "unit": one_unit(rows), "rows": ranked},
        "label": found[Name(code)],
        "note": " · ".join(filter(None, [one_unit(rows), of_all])),
        "words": [(one["name"], one["shown"]) for one in ranked],
        "marks": marks(shown),
        "url": lookup(asked, [code], by="province" if asked.options.get("of") == "provinces" else "children"),
    }


def _named(asked: Asked, whose: str, known: Mapping[str, Place], units: Mapping[str, str]) -> str:
    if asked.options.get("of") == "provinces":
        return attribute_word("province", whose)
    return known[whose].name if whose in known else units.get(whose, whose)
