"""What a report's page is asked for, and its sheets as HTML tells them."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.cube.links import explanation
from gangmu.figures.cube.question import STATES, Question, Row
from gangmu.figures.designs import issuing
from gangmu.figures.designs.designing import may_change
from gangmu.figures.designs.errors import DesignRefused
from gangmu.figures.designs.grid import Cell, lines, points
from gangmu.figures.designs.making import Made, languages_of, make, version_for
from gangmu.figures.designs.models import Design, Version
from gangmu.figures.designs.printing_pdf import TINTS
from gangmu.figures.designs.showing import Sheet
from gangmu.figures.designs.tree import Shows
from gangmu.figures.designs.values import Origin
from gangmu.figures.filing.models import State
from gangmu.figures.reports import queries as editions
from gangmu.figures.reports.models import Edition
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.places import places
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

MOST_ON_A_PAGE = 20_000  # cells
PIXELS = 96 / 72
WIDER = 1.15  # letters of pages are wider than those that spreadsheets count columns by
LINKED = {Shows.VALUE, Shows.RATE, Shows.CHANGE}


@dataclass(frozen=True)
class Asked:
    """One report as a page shows it: as it stands now, as an edition told it, or with a version being tried out."""

    design: Design
    organisation: Organisation
    period: Period
    edition: Edition | None
    version: Version | None
    scope: Scope
    language: str

    @cached_property
    def made(self) -> Made:
        """The report as it stands now.

        Raises:
            DesignRefused, CannotAnswer: as `making.make`.
        """
        version = self.version or version_for(self.design, self.period.end, self.language)
        if version is None:
            raise DesignRefused(_("No version of %(design)s applies yet.") % {"design": self.design.name})
        return make(version, self.organisation, self.period, self.scope)

    @cached_property
    def sheets(self) -> list[Sheet]:
        return issuing.kept(self.edition, self.language) if self.edition is not None else self.made.sheets

    def address(self, view: str = "report", **changes: str) -> str:
        """The address of this, or of another view of it, with something changed; an empty text takes it out."""
        query = {"organisation": str(self.organisation.code), "period": self.period.code}
        if self.edition is not None:
            query["edition"] = str(self.edition.number)
        if self.version is not None:
            query["version"] = str(self.version.number)
        if self.language != (get_language() or ""):
            query["language"] = self.language
        query |= changes
        said = urlencode({name: value for name, value in query.items() if value})
        return f"{reverse(f'designs:{view}', args=[self.design.code])}?{said}"

    def neighbour(self, move: str) -> str:
        """The address of the report before or after; empty where there is none yet."""
        try:
            period: Period = getattr(self.period, move)()
        except PeriodError:
            return ""
        return self.address(period=period.code, edition="") if period.end < clock.today() else ""


def asked(request: HttpRequest, code: str) -> Asked:
    """What the address asks for. Without an organisation the highest that may be seen, without a period the last.

    Raises:
        Http404: there is no such report, organisation, edition or version, or it may not be seen.
    """
    design = get_object_or_404(Design.objects.select_related("organisation"), code=code)
    scope: Scope = request.scope
    period = _period(design, request.GET.get("period", ""))
    language = request.GET.get("language", "")
    if language not in ("zh-hans", "en"):
        language = get_language() or "zh-hans"
    wanted, number = request.GET.get("organisation", ""), request.GET.get("edition", "")
    if number:
        edition = _edition(design, wanted, period, number)
        return Asked(design, edition.organisation, period, edition, None, scope, language)
    version = _version(design, request.GET.get("version", ""), scope)
    if version is not None:
        language = version.language
    elif language not in (known := languages_of(design, period.end)) and known:
        language = known[0]
    return Asked(design, _organisation(design, wanted, scope), period, None, version, scope, language)


def last_period(grain: str) -> Period:
    """The last period of the grain that has ended."""
    period = Period.of(Kind(grain), clock.today() - timedelta(days=1))
    return period if period.end < clock.today() else period.previous()


def _period(design: Design, code: str) -> Period:
    """What is said wrong or not at all is the last that has ended."""
    try:
        period = Period.parse(code) if code else None
    except PeriodError:
        period = None
    return period if period is not None and period.kind == design.grain else last_period(design.grain)


def _edition(design: Design, organisation: str, period: Period, number: str) -> Edition:
    rows = Edition.objects.filter(report=design.code, organisation__code=organisation, period=period.code)
    found = rows.filter(number=int(number)).select_related("organisation").first() if _is_number(number) else None
    if found is None:
        raise Http404(_("There is no such edition, or you may not see it."))
    return found


def _version(design: Design, number: str, scope: Scope) -> Version | None:
    """A version by its number, for those who may change the design: also one that is being tried out."""
    if not number:
        return None
    found = design.versions.filter(number=int(number)).first() if _is_number(number) else None
    if found is None or not may_change(design, scope):
        raise Http404(_("There is no such version, or you may not see it."))
    found.design = design
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def _organisation(design: Design, code: str, scope: Scope) -> Organisation:
    known = places(scope)
    place = known.by_code.get(code) if code else None
    if not code:
        tops = known.tops
        place = next((one for one in tops if one.kind in design.kinds), next(iter(tops), None))
    if place is None:
        raise Http404(_("There is no such organisation, or you may not see its figures."))
    return Organisation.objects.get(pk=place.pk)


# Sheets as HTML -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A cell of a page. `fill` and `ink` are rrggbb, `tone` the name of a colour of a number format."""

    text: str
    rows: int
    columns: int
    classes: str
    fill: str
    ink: str
    url: str
    note: str


@dataclass(frozen=True)
class ShownLine:
    height: int
    is_head: bool
    cells: list[Shown]


@dataclass(frozen=True)
class ShownSheet:
    """Widths and heights are in pixels: attributes of the table, since pages carry no styles of their own."""

    title: str
    width: int
    widths: list[int]
    lines: list[ShownLine]


def shown_sheets(sheets: list[Sheet], *, links: bool = True) -> list[ShownSheet]:
    """Raises:
    DesignRefused: more cells than a page shows.
    """
    if sum(len(one.boxes) for one in sheets) > MOST_ON_A_PAGE:
        raise DesignRefused(
            _("The report has more than %(most)d cells; take it as a workbook.") % {"most": MOST_ON_A_PAGE}
        )
    return [_sheet(one, links) for one in sheets]


def _sheet(sheet: Sheet, links: bool) -> ShownSheet:
    widths = [round(width * PIXELS * WIDER) for width in points(sheet)]
    heads = sheet.title_rows[1] if sheet.title_rows else 0
    return ShownSheet(
        sheet.title,
        sum(widths),
        widths,
        [
            ShownLine(round(line.height * PIXELS), line.row <= heads, [_cell(cell, links) for cell in line.cells])
            for line in lines(sheet)
        ],
    )


def _cell(cell: Cell, links: bool) -> Shown:
    box = cell.box
    incomplete = any(one.expected and one.reported < one.expected for one in box.origins)
    provisional = any(one.state and STATES.index(one.state) < STATES.index("group") for one in box.origins)
    classes = [f"at-{box.align}", f"on-{box.vertical}", f"letters-{min(28, max(8, round(box.size)))}"]
    classes += [f"edge-{side}" for side in sorted(box.borders)]
    marks = {
        "bold": box.bold, "italic": box.italic, "wraps": box.wrap, "runs-on": cell.spills and not box.borders,
        "incomplete": incomplete, "provisional": provisional and not incomplete, "left-out": box.not_computed,
        "figure-cell": bool(box.origins or box.formula), f"indent-{min(box.indent, 6)}": box.indent > 0,
    }  # fmt: skip
    classes += [f"cell-{name}" if name in {"bold", "italic"} else name for name, said in marks.items() if said]
    ink = TINTS.get(box.colour, "") or box.ink
    url = _url(box.origins[0]) if links and len(box.origins) == 1 and box.text else ""
    return Shown(box.text, box.rows, box.columns, " ".join(classes), box.fill, ink, url, _note(cell))


def _url(one: Origin) -> str:
    """Where a figure comes from; counts, states and shares of plans have no explanation of their own."""
    if one.shows not in LINKED:
        return ""
    asked = Question(
        (one.indicator,), (one.organisation,), (one.period,), one.by or None, one.compare,
        at_least=one.at_least, scenario=one.scenario,
    )  # fmt: skip
    return explanation(Row(one.organisation, one.group or None, one.indicator, one.period, None, "", 0, 0, None), asked)


def _note(cell: Cell) -> str:
    """What a reader should know of a figure: how many have filed, how far it is approved."""
    told = []
    for one in cell.box.origins:
        if one.expected and one.reported < one.expected:
            told.append(_("%(reported)d of %(expected)d filed") % {"reported": one.reported, "expected": one.expected})
        if one.state and STATES.index(one.state) < STATES.index("group"):
            told.append(str(State(STATES.index(one.state) + 1).label))
    if cell.box.not_computed:
        told.append(_("The workbook computes this formula."))
    return "; ".join(dict.fromkeys(told))


def frame(request: HttpRequest, one: Asked) -> dict[str, Any]:
    """What every page of a report needs."""
    known = places(one.scope)
    further = [place for place in known if place.kind in one.design.kinds]
    rows = list(editions.editions_of(one.design.code, one.organisation, one.period))
    return {
        "title": f"{one.organisation.name} · {one.design.name}",
        "breadcrumbs": [
            (_("Reports designed in Excel"), reverse("designs:list")),
            (one.design.name, one.address() if not request.path.endswith(f"/{one.design.code}/") else ""),
        ],
        "design": one.design,
        "organisation": one.organisation,
        "period": one.period,
        "period_label": one.period.label(get_language() or ""),
        "before_period": one.neighbour("previous"),
        "after_period": one.neighbour("next"),
        "last_day": last_period(one.design.grain).end.isoformat(),
        "others": [(place, one.address(organisation=place.code, edition="")) for place in further],
        "editions": [(each, one.address(edition=str(each.number))) for each in rows],
        "last": rows[0] if rows else None,
        "edition": one.edition,
        "version": one.version,
        "current": one.address(edition=""),
        "language": one.language,
    }
