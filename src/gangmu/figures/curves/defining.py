"""Which daily indicators have curves: `gangmu load curve-indicators FILE` (YAML).

```yaml
- indicator: output_energy   # daily and filed; counts energy, so that its days are the energy of their curves
  unit: MW                   # of the points: MW | MWh
  precision: 3
  highest: peak_output       # daily indicators in a unit of power that the day's other figures go to; all optional
  lowest: valley_output
  mean: mean_output
```

An indicator in a unit of power may have a curve too: its day is then the mean, the highest or the lowest of the points,
as it adds up over time; `energy` names one that counts the day's energy.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gangmu.figures.curves.models import Curve, CurveDay
from gangmu.figures.curves.points import Unit
from gangmu.figures.indicators.loading.outcome import Outcome
from gangmu.figures.indicators.loading.yamlfile import Entries, Items, Node, NotYaml, Problem, Text, parse, read_text
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.units import UnknownUnit, parse_unit
from gangmu.foundation.records.services import note

PARTS = ("energy", "highest", "lowest", "mean")
KEYS = ("indicator", "unit", "precision", *PARTS)
MOST_DECIMALS = 6
OVER_TIME = {"mean": "mean", "max": "highest", "min": "lowest"}  # of an indicator of power: what its day is


class DefinedResult(Outcome):
    """What a load of indicators with curves did."""

    told = gettext_noop("Indicators with curves: %(created)d new, %(changed)d changed, %(unchanged)d as they were.")


def parts_of(curve: Curve) -> dict[str, Indicator]:
    """The daily indicators that a day of the curve comes to, by what of it: energy, highest, lowest, mean."""
    own = own_part(curve.indicator)
    found = {own: curve.indicator} if own else {}
    return found | {part: one for part in PARTS if (one := getattr(curve, part)) is not None}


def own_part(indicator: Indicator) -> str:
    """What of a day the indicator of a curve is; "" where it can be nothing of it."""
    if _measures(indicator, Unit.MWH):
        return "energy"
    return OVER_TIME.get(str(indicator.over_time), "") if _measures(indicator, Unit.MW) else ""


def fault_of(curve: Curve) -> str:
    """Why a day of this curve could not become daily figures, as its indicators are now; "" when it can."""
    own = own_part(curve.indicator)
    for part, one in (("", curve.indicator), *((part, getattr(curve, part)) for part in PARTS)):
        if one is None:
            continue
        words = {"code": one.code, "indicator": curve.indicator.code, "unit": one.unit, "part": part or own}
        if one.formula or one.grain != Indicator.Grain.DAY:
            return _("%(code)s is not filed by day; a curve comes to figures of a day") % words
        if one.split_total == "parts" or one.member_of:
            return _("%(code)s is made of parts, or is one; a curve comes to figures that are filed whole") % words
        if not part and not own:
            return (
                _(
                    "%(code)s is no energy, nor a power that is the mean, highest or lowest of a day (over_time: mean, "
                    "max or min)"
                )
                % words
            )
        if part and part == own:
            return _("%(indicator)s itself is the %(part)s of the day") % words
        if part and not _measures(one, Unit.MWH if part == "energy" else Unit.MW):
            return _("%(code)s is in %(unit)s; the %(part)s of a day is not") % words
        if one.level != curve.indicator.level:
            return _("%(code)s is filed by others than %(indicator)s") % words
    weight = str(curve.indicator.weight)
    if weight and not Indicator.objects.filter(code=weight, formula="", grain="day").exists():
        return _("its weight %(weight)s is not filed by day; points cannot be weighted by it") % {"weight": weight}
    return ""


def _measures(indicator: Indicator, unit: Unit) -> bool:
    try:
        return parse_unit(str(indicator.unit)).converts_to(parse_unit(unit.value))
    except UnknownUnit:
        return False


@transaction.atomic
def load_curve_indicators(source: Path | str, *, shipped: bool = False) -> DefinedResult:
    """Record which indicators have curves: all that the file says, or, when anything is wrong, nothing.

    What it does not name stays. Shipped ones leave alone what stands.

    Raises:
        Unreadable: the file as a whole is no text of at most 2 MB.
    """
    result = DefinedResult()
    try:
        document = parse(read_text(source) if isinstance(source, Path) else source)
    except NotYaml as error:
        result.problems.append(error.problem)
        return result
    reading = _Reading(result)
    made = reading.curves(document)
    if result.problems:
        result.problems.sort(key=lambda one: (one.line, one.column))
        return result
    told = []
    for curve in made:
        before = reading.standing.get(str(curve.indicator.code))
        if before is not None and (shipped or _said(before) == _said(curve)):
            result.unchanged += 1
            continue
        curve.save(force_insert=before is None)
        told.append(str(curve.indicator.code))
        result.created, result.changed = result.created + (before is None), result.changed + (before is not None)
    if told:
        note("curves.defined", data={"curves": told, "shipped": shipped})
    return result


def _said(curve: Curve) -> tuple[object, ...]:
    return curve.unit, curve.precision, *(getattr(curve, f"{part}_id") for part in PARTS)


class _Reading:
    def __init__(self, result: DefinedResult) -> None:
        self.result = result
        self.indicators = {str(one.code): one for one in Indicator.objects.all()}
        rows = Curve.objects.select_related("indicator", *PARTS)
        self.standing = {str(one.indicator.code): one for one in rows}
        self.fed: dict[str, str] = {}  # indicator of a day's figure → the curve it comes from

    def wrong(self, node: Node, message: str) -> None:
        self.result.problems.append(Problem(node.line, node.column, message))

    def curves(self, document: Node | None) -> list[Curve]:
        if not isinstance(document, Items) or not document.items:
            self.wrong(document or Text("", 1, 1), _("this is a list; each begins with “- indicator: CODE”."))
            return []
        found: dict[str, Curve] = {}
        nodes: dict[str, Node] = {}
        for node in document.items:
            curve = self.curve(node)
            if curve is None:
                continue
            code = str(curve.indicator.code)
            if code in found:
                self.wrong(node, _("%(code)s has its curve on line %(line)d already") %
                           {"code": code, "line": nodes[code].line})  # fmt: skip
            found[code], nodes[code] = curve, node
        for code, curve in (self.standing | found).items():
            for one in parts_of(curve).values():
                other = self.fed.setdefault(str(one.code), code)
                if other != code:
                    told = nodes.get(code) or nodes[other]
                    words = {"code": one.code, "one": other, "other": code}
                    self.wrong(told, _("%(code)s would come from two curves, of %(one)s and of %(other)s") % words)
        return list(found.values())

    def curve(self, node: Node) -> Curve | None:
        if not isinstance(node, Entries):
            self.wrong(node, _("this is a list; each begins with “- indicator: CODE”."))
            return None
        given = self.entries(node)
        before = len(self.result.problems)
        indicator = self.indicator(given.get("indicator"), node, "indicator")
        unit, precision = given.get("unit"), given.get("precision")
        if unit is None or unit.value not in (Unit.MW.value, Unit.MWH.value):
            self.wrong(unit or node, _("unit is that of the points: MW or MWh."))
        if precision is None or not precision.value.isascii() or not precision.value.isdigit() or len(
            precision.value
        ) > 1 or int(precision.value) > MOST_DECIMALS:  # fmt: skip
            self.wrong(precision or node, _("precision is the decimals of the points, 0 to %(most)d.") %
                       {"most": MOST_DECIMALS})  # fmt: skip
        others = {part: self.indicator(given[part], node, part) for part in PARTS if part in given}
        if len(self.result.problems) > before or indicator is None:
            return None
        assert unit is not None and precision is not None
        curve = Curve(indicator=indicator, unit=unit.value, precision=int(precision.value), **others)
        fault = fault_of(curve)
        if fault:
            self.wrong(node, fault)
        self._kept(curve, unit)
        return curve

    def _kept(self, curve: Curve, unit: Node) -> None:
        """MW and MWh are not mixed: a curve stays in the unit of what stands."""
        before = self.standing.get(str(curve.indicator.code))
        if before is None or (before.unit, before.precision) == (curve.unit, curve.precision):
            return
        if CurveDay.objects.filter(indicator=before).exists():
            words = {"code": curve.indicator.code, "unit": before.unit, "precision": before.precision}
            message = _(
                "curves of %(code)s stand already, in %(unit)s with %(precision)d decimals; take another indicator for "
                "others"
            )
            self.wrong(unit, message % words)

    def entries(self, node: Entries) -> Mapping[str, Text]:
        found: dict[str, Text] = {}
        for key, value in node.entries:
            if key.value not in KEYS:
                near = get_close_matches(key.value, KEYS, n=1, cutoff=0.5)
                message = _("“%(key)s” is not known here. Known: %(known)s.") % {
                    "key": key.value[:40],
                    "known": ", ".join(KEYS),
                }
                self.wrong(key, message + (" " + _("Did you mean “%(code)s”?") % {"code": near[0]} if near else ""))
            elif key.value in found:
                self.wrong(key, _("“%(key)s” stands twice.") % {"key": key.value})
            elif not isinstance(value, Text) or value.is_nothing:
                self.wrong(value, _("%(key)s is one text.") % {"key": key.value})
            else:
                found[key.value] = value
        return found

    def indicator(self, text: Text | None, node: Node, key: str) -> Indicator | None:
        if text is None:
            self.wrong(node, _("%(key)s is missing.") % {"key": key})
            return None
        found = self.indicators.get(text.value)
        if found is None:
            near = get_close_matches(text.value, self.indicators, n=1, cutoff=0.6)
            message = _("“%(code)s” is not known.") % {"code": text.value[:60]}
            self.wrong(text, message + (_(" Did you mean “%(close)s”?") % {"close": near[0]} if near else ""))
        return found
