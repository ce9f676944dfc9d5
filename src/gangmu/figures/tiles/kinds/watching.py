"""Tiles that say what needs somebody: warnings by rule, who is late, plants whose stocks run low."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from gangmu.figures.cube.gateway import Question
from gangmu.figures.cube.links import entry
from gangmu.figures.cube.question import Row
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.tiles.asking import Figures
from gangmu.figures.tiles.kinds.charts import _shown, home
from gangmu.figures.tiles.lateness import Day, Filed
from gangmu.figures.tiles.names import Name
from gangmu.figures.tiles.restating import Restatements, restated
from gangmu.figures.tiles.showing import Figure, figure, lookup, marks
from gangmu.figures.tiles.wanting import back, lowest, question, question_of_lowest, so_far
from gangmu.foundation.boards.places import Place
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.templatetags.ui import number

Found = Mapping[Any, Any]
MOST = 8
TREND = 3  # periods in a row


# Warnings by rule -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Warned:
    """One organisation that a rule warns of."""

    place: Place
    url: str
    words: str
    shown: str
    figure: Figure | None
    tone: str
    weight: Decimal = Decimal(0)


def _rules(asked: Asked) -> list[Mapping[str, Any]]:
    return list(asked.options.get("rules", ()))


def _asks(asked: Asked, rule: Mapping[str, Any]) -> Question | None:
    """The figures that a rule looks at: of all plants below, or of the plant itself."""
    kind = asked.period.kind
    periods = back(asked.period, TREND + 1) if rule["rule"] == "trend" and kind is Kind.DAY else [so_far(asked.period)]
    if asked.places.children(asked.organisation):
        return question_of_lowest(asked, [rule["indicator"]], periods=periods, as_filed=True)
    return question(asked, [rule["indicator"]], periods=periods, as_filed=True)  # bounds are in the indicator's unit


def wants_warnings(asked: Asked) -> Sequence[Hashable]:
    wants: list[Hashable] = []
    for rule in _rules(asked):
        wants += [*filter(None, [_asks(asked, rule)]), Name(rule["indicator"])]
    return wants


def show_warnings(asked: Asked, found: Found) -> dict[str, Any] | None:
    """What the rules find, the gravest first: danger before warning, then by how far a bound is passed."""
    plants = {place.code: place for place in lowest(asked) or [asked.organisation]}
    warned: list[Warned] = []
    counts: list[tuple[str, int, str]] = []
    for rule in _rules(asked):
        asking = _asks(asked, rule)
        if asking is None:
            continue
        answer: Figures = found[asking]
        lines: dict[str, list[Row]] = {}
        for row in answer.of(rule["indicator"]):
            lines.setdefault(row.organisation, []).append(row)
        hits = [
            one
            for code, rows in lines.items()
            if code in plants and (one := _judged(asked, rule, plants[code], rows, asking, found))
        ]
        if hits:
            counts.append((str(Words(**rule["title"])), len(hits), str(rule.get("tone", "warning"))))
        warned += hits
    warned.sort(key=lambda one: (one.tone != "danger", -one.weight, one.place.sort_key))
    return {
        "warned": warned[: int(asked.options.get("most", MOST))],
        "hidden": max(0, len(warned) - int(asked.options.get("most", MOST))),
        "counts": counts,
        "note": number(len(warned)) if warned else "",
    }


def _judged(
    asked: Asked, rule: Mapping[str, Any], place: Place, rows: Sequence[Row], asking: Question, found: Found
) -> Warned | None:
    """What a rule says of one organisation, or None.

    `missing`: figures were expected and nothing is reported. `threshold`: below `below` or above `above`. `trend`: it
    has moved in one direction (`falls`, `rises`) for three periods, by at least so many percent altogether.
    """
    name, last = found[Name(rule["indicator"])], rows[-1]
    tone = str(rule.get("tone", "warning"))
    if rule["rule"] == "missing":
        if last.expected <= last.reported:
            return None
        words = _("%(indicator)s: not reported") % {"indicator": name}
        missing = _("%(reported)s of %(expected)s") % {"reported": last.reported, "expected": last.expected}
        return Warned(
            place,
            _home(asked, place),
            words,
            missing,
            figure(last, asking),
            tone,
            Decimal(last.expected - last.reported),
        )
    if last.value is None:
        return None
    value = Decimal(last.value)
    if rule["rule"] == "threshold":
        below, above = rule.get("below"), rule.get("above")
        if below is not None and value < Decimal(str(below)):
            words = _("%(indicator)s below %(bound)s %(unit)s")
            bound, passed = below, Decimal(str(below)) - value
        elif above is not None and value > Decimal(str(above)):
            words = _("%(indicator)s above %(bound)s %(unit)s")
            bound, passed = above, value - Decimal(str(above))
        else:
            return None
        unit = unit_words(last.unit)
        told = words % {"indicator": name, "bound": number(bound), "unit": unit}
        return Warned(place, _home(asked, place), told, f"{_shown(last)} {unit}", figure(last, asking), tone, passed)
    return _trend(asked, rule, place, rows, asking, name)


def _home(asked: Asked, place: Place) -> str:
    return "" if place == asked.organisation else home(asked, place)


def _trend(
    asked: Asked, rule: Mapping[str, Any], place: Place, rows: Sequence[Row], asking: Question, name: str
) -> Warned | None:
    values = [Decimal(row.value) for row in rows if row.value is not None]
    if len(values) <= TREND or values[0] == 0:
        return None
    steps = [after - before for before, after in pairwise(values)]
    falls = "falls" in rule
    if not all(step < 0 if falls else step > 0 for step in steps):
        return None
    moved = abs(values[-1] - values[0]) / abs(values[0]) * 100
    if moved < Decimal(str(rule["falls" if falls else "rises"])):
        return None
    words = _("%(indicator)s falling for %(count)s days") if falls else _("%(indicator)s rising for %(count)s days")
    shown = ("\u2212" if falls else "+") + f"{moved:.1f}%"
    told = words % {"indicator": name, "count": len(steps)}
    return Warned(
        place, _home(asked, place), told, shown, figure(rows[-1], asking), str(rule.get("tone", "warning")), moved
    )


# Who is late ----------------------------------------------------------------------------------------------------------


def wants_late(asked: Asked) -> Sequence[Hashable]:
    return [_filed(asked)] if asked.period.kind is Kind.DAY else []


def _filed(asked: Asked) -> Filed:
    return Filed(asked.period.code, asked.places.version)


def show_late(asked: Asked, found: Found) -> dict[str, Any] | None:
    """Sheets of the day that are due and not submitted, with whom to call; and how far the others are."""
    if asked.period.kind is not Kind.DAY:
        return None
    inside = {place.pk for place in (asked.organisation, *asked.places.below(asked.organisation))}
    day: Day = found[_filed(asked)]
    standing = [one for one in day.standing if one.organisation_id in inside]
    if not standing:
        return None
    late = sorted((one for one in standing if one.is_late), key=lambda one: str(one.due_at or ""))
    known, most = asked.places, int(asked.options.get("most", MOST))
    done = sum(one.is_done for one in standing)
    approved = sum(one.is_approved for one in standing)
    return {
        "late": [(one, known.get(one.organisation_id), day.whom(one)) for one in late[:most]],
        "hidden": max(0, len(late) - most),
        "all": len(standing),
        "done": done,
        "approved": approved,
        "late_count": len(late),
        "url": f"{reverse('filing:day')}?period={asked.period.code}",
        "note": _("%(done)s of %(all)s submitted") % {"done": number(done), "all": number(len(standing))},
    }


# What was corrected after approval ------------------------------------------------------------------------------------


def wants_restated(asked: Asked) -> Sequence[Hashable]:
    return [restated(asked)]


def show_restated(asked: Asked, found: Found) -> dict[str, Any] | None:
    """The newest corrections in force of figures of the period: what stood, and what stands."""
    all_of_them: Restatements = found[restated(asked)]
    if not all_of_them.newest:
        return None
    most = int(asked.options.get("most", 4))
    lines = []
    for one in all_of_them.newest[:most]:
        period = Period.day(one.period) if one.is_daily else Period.of(Kind.MONTH, one.period)
        lines.append(
            {
                "one": one,
                "period": period.code,
                "unit": unit_words(one.unit),
                "figure": entry(one.indicator, one.organisation, period.code),
                "url": reverse("filing:correction", args=[one.correction]),
            }
        )
    return {
        "lines": lines,
        "hidden": max(0, all_of_them.count - most),
        "url": reverse("filing:corrections"),
        "note": number(all_of_them.count),
    }


# Plants in a table ----------------------------------------------------------------------------------------------------


def _codes(asked: Asked) -> list[str]:
    return list(asked.options["indicators"])


def _of_plants(asked: Asked) -> Question | None:
    if asked.places.children(asked.organisation):
        return question_of_lowest(asked, _codes(asked))
    return None


def _bounded(asked: Asked) -> Question | None:
    """The first indicator as it is filed, where a bound is set: bounds are in its own unit."""
    if asked.options.get("below") is None or not asked.places.children(asked.organisation):
        return None
    return question_of_lowest(asked, _codes(asked)[:1], as_filed=True)


def _of_all(asked: Asked) -> Question:
    return question(asked, list(asked.options.get("totals", _codes(asked))), compare=asked.compare)


def wants_plants(asked: Asked) -> Sequence[Hashable]:
    names = dict.fromkeys([*_codes(asked), *asked.options.get("totals", ())])
    return [*filter(None, [_of_plants(asked), _bounded(asked)]), _of_all(asked), *map(Name, names)]


def show_plants(asked: Asked, found: Found) -> dict[str, Any] | None:
    """Totals, and below them the plants with the least (or most) of the first indicator: stocks, levels, losses."""
    codes, asking = _codes(asked), _of_plants(asked)
    totals: Figures = found[_of_all(asked)]
    heads = [
        Figure(one.row, one.url, found[Name(one.row.indicator)])
        for code in asked.options.get("totals", codes)
        if (row := totals.row(code)) and row.reported and (one := figure(row, _of_all(asked)))
    ]
    plants = {place.code: place for place in lowest(asked)}
    answer: Figures = found[asking] if asking else Figures()
    lines: dict[str, dict[str, Row]] = {}
    for row in answer.rows:
        if row.organisation in plants and row.value is not None:
            lines.setdefault(row.organisation, {})[row.indicator] = row
    by, most = codes[0], asked.options.get("order", "least") == "most"
    ranked = sorted(
        (code for code, rows in lines.items() if by in rows),
        key=lambda code: Decimal(lines[code][by].value or 0) * (-1 if most else 1),
    )[: int(asked.options.get("most", 5))]
    if not heads and not ranked:
        return None
    low = _low(asked, found)
    return {
        "heads": heads,
        "columns": [(found[Name(code)], _unit(answer, code)) for code in codes],
        "lines": [
            (
                plants[code],
                home(asked, plants[code]),
                [figure(lines[code].get(one), asking) if asking else None for one in codes],
                code in low,
            )
            for code in ranked
        ],
        "compare": asked.compare,
        "marks": marks([one.row for one in heads] + [row for code in ranked for row in lines[code].values()]),
        "url": lookup(asked, codes, by="children"),
    }


def _low(asked: Asked, found: Found) -> set[str]:
    """The plants below the bound."""
    asking = _bounded(asked)
    if asking is None:
        return set()
    bound, answer = Decimal(str(asked.options["below"])), found[asking]
    return {row.organisation for row in answer.rows if row.value is not None and Decimal(row.value) < bound}


def _unit(answer: Figures, code: str) -> str:
    return next((row.unit for row in answer.rows if row.indicator == code), "")
