"""The form's rules on the figures of a workbook, together with what stands in its sheets already."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.filing.excel.faults import Found, Kind
from gangmu.figures.filing.excel.placing import Target
from gangmu.figures.filing.excel.shape import Place
from gangmu.figures.filing.excel.storing import Standing
from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.queries import Key
from gangmu.figures.filing.rules import Filled, Finding, load_context, rules_of


def check(
    targets: Sequence[Target], before: Standing, faulty: Collection[tuple[str, int]]
) -> list[tuple[Target, Finding]]:
    """What the rules find in the sheets as they would be once the rows that are not faulty are in them."""
    by_form: dict[int, list[int]] = defaultdict(list)
    for at, target in enumerate(targets):
        if target.given:
            by_form[target.form.pk].append(at)
    found: list[tuple[Target, Finding]] = []
    for places in by_form.values():
        rules = rules_of(targets[places[0]].form)
        sheets = [_filled(targets[at], before, at, faulty) for at in places]
        context = load_context(rules, sheets)
        for at, findings in zip(places, rules.check_many(sheets, context), strict=True):
            found += [(targets[at], finding) for finding in findings]
    return found


def _filled(target: Target, before: Standing, at: int, faulty: Collection[tuple[str, int]]) -> Filled:
    layout = target.layout
    values: dict[Key, Decimal | None] = {}
    marks: dict[Key, int] = {}

    def put(key: Key, value: int | None, mark: int) -> None:
        precision = layout.cells[key].indicator.scale
        values[key] = None if value is None else Decimal(value).scaleb(-precision)
        if mark != Mark.NONE:
            marks[key] = mark
        else:
            marks.pop(key, None)

    for key, fact in before.facts[at].items():
        put(key, fact.value, fact.mark)
    for key, cell in before.cells[at].items():
        put(key, cell.value, cell.mark)
    for key, given in target.given.items():
        if given.row not in faulty:
            put(key, given.entry.value, given.entry.mark)
    return Filled(
        organisation_id=layout.organisation.organisation_id,
        period=layout.period.start,
        rows=layout.by_level(),
        values=values,
        marks=marks,
    )


def told(target: Target, finding: Finding) -> Found:
    """A finding with its address in the workbook: the first of its cells that stands there.

    An error of which no cell stands in the workbook refuses nothing of it: it is said.
    """
    places = [target.given[cell].place for cell in finding.cells if cell in target.given]
    places = places or [given.place for given in target.given.values() if given.key[0] == finding.organisation_id]
    layout = target.layout
    row = layout.rows.get(finding.organisation_id, layout.organisation)
    words = target.words.get(finding.organisation_id)
    message = finding.message(get_language() or "zh-hans")
    is_here = any(cell in target.given for cell in finding.cells)
    if finding.strength == "error":
        kind = Kind.ERROR if is_here else Kind.NOTE
    elif words:
        kind, message = Kind.NOTE, _("%(finding)s Explained: %(words)s") % {"finding": message, "words": words[1]}
    else:
        kind = Kind.WARNING
    first = places[0] if places else next(iter(target.given.values())).place
    also = tuple(place for place in places[1:] if is_here)
    place = first if places else Place(first.sheet)
    return Found(place, message, kind, row.code, ", ".join(finding.indicators), layout.period.code, also)
