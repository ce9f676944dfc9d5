"""Daily filing 日度填报: the standing of a day or month. What a clerk has to file, and whom the tiers above call."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import django_tables2 as tables2
from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing import queries
from gangmu.figures.filing.access import FILE
from gangmu.figures.filing.lists import GRAINS, state_badge
from gangmu.figures.filing.models import Sheet
from gangmu.figures.filing.queries.filers import Standing
from gangmu.figures.filing.views.common import DAILY, STANDINGS, TONES, in_words, period_of
from gangmu.foundation.parties.models import Organisation, Placement
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.foundation.ui import icons
from gangmu.foundation.ui.durations import due_words
from gangmu.foundation.ui.lists import OWN_PARAMETERS, Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, Table

MOST_OF_ONES_OWN = 12  # whoever files more than that begins at the list
CHASED = ("late", "missing", "returned")
DONE = ("approved", "locked")
SUBMITTED = ("submitted", *DONE)
OWN_LOOKS = {
    "secondary": "",
    "info": "own-primary",
    "primary": "own-primary",
    "warning": "own-warning",
    "danger": "own-danger",
    "success": "own-success",
}
COUNT_LOOKS = {"warning": "standing-warning", "danger": "standing-danger"}
ORDER = {code: place for place, code in enumerate(("missing", "late", "returned", "open", "not_opened", "submitted"))}


@dataclass(frozen=True)
class Line:
    """One organisation and form on the page: the standing, and where it belongs."""

    standing: Standing
    group: int | None

    @property
    def pk(self) -> str:
        """How a button names it: form and organisation."""
        return f"{self.standing.form.code}:{self.standing.organisation.pk}"

    @property
    def status(self) -> str:
        return self.standing.status

    @property
    def organisation(self) -> str:
        return self.standing.organisation.name

    @property
    def form(self) -> str:
        return self.standing.form.name

    @property
    def due_at(self) -> Any:
        return self.standing.due_at

    @property
    def submitted_at(self) -> Any:
        return self.standing.sheet.submitted_at if self.standing.sheet else None

    @property
    def order(self) -> tuple[int, str, str]:
        return (ORDER.get(self.status, 9), self.standing.organisation.sort_key, self.standing.form.code)


@dataclass
class Count:
    """How many of one region's sheets stand how."""

    label: str
    code: str = ""
    by_status: Counter[str] = field(default_factory=Counter)

    @property
    def expected(self) -> int:
        return sum(self.by_status.values())

    @property
    def submitted(self) -> int:
        return sum(self.by_status[one] for one in SUBMITTED)

    @property
    def approved(self) -> int:
        return sum(self.by_status[one] for one in DONE)

    @property
    def cells(self) -> list[tuple[str, int, str]]:
        """Status, number and look of what is to be chased."""
        return [(one, self.by_status[one], COUNT_LOOKS[TONES[one]] if self.by_status[one] else "") for one in CHASED]


class DayForm(forms.Form):
    """The filters of the page."""

    period = forms.CharField(required=False, widget=forms.HiddenInput)
    form = forms.ChoiceField(label=_("Form"), required=False)
    under = forms.ChoiceField(label=_("Under"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All")), ("chased", _("late, missing or returned")), *STANDINGS.items()],
    )


class DayTable(Table):
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("order",), empty_values=())
    form = tables2.Column(verbose_name=_("Form"), attrs={"td": {"class": "day"}})
    status = tables2.Column(verbose_name=_("Status"), empty_values=())
    due_at = MomentColumn(verbose_name=_("Due"))
    submitted_at = MomentColumn(verbose_name=_("Submitted at"))
    call = tables2.Column(verbose_name=_("Whom to call"), orderable=False, empty_values=())
    remind = tables2.Column(verbose_name="", orderable=False, empty_values=(), exclude_from_export=True)

    class Meta(Table.Meta):
        pass

    def render_organisation(self, record: Line) -> SafeString | str:
        sheet = record.standing.sheet
        if sheet is None:
            return record.organisation
        return format_html('<a href="{}">{}</a>', reverse("filing:sheet", args=[sheet.pk]), record.organisation)

    def value_organisation(self, record: Line) -> str:
        return record.organisation

    def render_status(self, record: Line) -> SafeString:
        return state_badge(record.status, STANDINGS[record.status])

    def value_status(self, record: Line) -> str:
        return str(STANDINGS[record.status])

    def render_call(self, record: Line) -> SafeString | str:
        return format_html_join(
            "",
            '<span class="person">{}{}</span>',
            ((one.name, _telephone(one.phone)) for one in record.standing.holders[:2]),
        )

    def value_call(self, record: Line) -> str:
        return "; ".join(f"{one.name} {one.phone}".strip() for one in record.standing.holders)

    def render_remind(self, record: Line) -> SafeString | str:
        if record.status in DONE or not self.request.day.may_remind:
            return ""
        return format_html(
            '<button class="btn btn-sm" form="remind" name="who" value="{}">{}{}</button>',
            record.pk,
            icons.svg("bell-ringing"),
            _("Remind"),
        )


def _telephone(number: str) -> SafeString | str:
    if not number:
        return ""
    dialled = "".join(letter for letter in number if letter in "+0123456789")
    return format_html(' <a class="phone" href="tel:{}">{}{}</a>', dialled, icons.svg("phone"), number)


class DayFilter:
    """What `ListPage` asks of a filter, for rows that are no queryset."""

    def __init__(self, data: Any, lines: Sequence[Line], groups: Mapping[int | None, Count]) -> None:
        self.is_bound = data is not None
        self.form = DayForm(data)
        known = {line.standing.form.code: line.form for line in lines}
        self.form.fields["form"].choices = [("", _("All")), *sorted(known.items(), key=lambda pair: pair[1])]
        self.form.fields["under"].choices = [("", _("All")), *((one.code, one.label) for one in groups.values())]
        if len(groups) < 2:
            del self.form.fields["under"]
        self.groups = groups
        self.lines = lines

    @property
    def chosen(self) -> list[Line]:
        """The lines that pass; of a filter that makes no sense none."""
        if not self.is_bound:
            return list(self.lines)
        if not self.form.is_valid():
            return []
        asked = self.form.cleaned_data
        statuses = CHASED if asked["status"] == "chased" else (asked["status"],)
        under = {pk for pk, one in self.groups.items() if one.code == asked.get("under")}
        return [
            line
            for line in self.lines
            if (not asked["form"] or line.standing.form.code == asked["form"])
            and (not asked.get("under") or line.group in under)
            and (not asked["status"] or line.status in statuses)
        ]


class Day(ListPage):
    """The page. A clerk's own sheets stand on top, for the tiers above the counts; below them every line."""

    key = "filing.day"
    title = DAILY
    table_class = DayTable
    search_fields = ("organisation",)
    search_label = _("Organisation")
    template_name = "filing/day.html"
    above_template = "filing/chase.html"
    empty_title = _("Nothing is to be filed for this period")
    empty_text = _("Forms say who files what, for every day or month. Choose another period, or look at the forms.")
    empty_icon = "clipboard-check"
    export_name = "filing"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        request.day = self  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)

    # What is asked

    @cached_property
    def period(self) -> Period:
        """The day or month asked for; yesterday when none is."""
        try:
            asked = Period.parse(self.request.GET.get("period", "").strip())
        except PeriodError:
            asked = None
        if asked is None or asked.kind not in (Kind.DAY, Kind.MONTH):
            return Period.day(clock.today() - timedelta(days=1))
        return asked

    @property
    def grain(self) -> str:
        return "month" if self.period.kind == Kind.MONTH else "day"

    @cached_property
    def filters_are_set(self) -> bool:
        own = {*OWN_PARAMETERS, "period"}
        return any(value for name, value in self.request.GET.items() if name not in own) or bool(self.words)

    # What there is

    @cached_property
    def standings(self) -> list[Standing]:
        return queries.standings(self.request.scope, self.grain, self.period)

    @cached_property
    def branches(self) -> tuple[dict[int, int], list[Organisation]]:
        """Where each organisation belongs: the tier below the highest that the asker sees, and what stands there."""
        return branches(self.period.end)

    @cached_property
    def lines(self) -> list[Line]:
        belongs, _groups = self.branches
        made = [Line(one, belongs.get(one.organisation.pk)) for one in self.standings]
        return sorted(made, key=lambda line: line.order)

    @cached_property
    def groups(self) -> dict[int | None, Count]:
        """The counts of each group; of one that holds but one organisation nothing would be told by them."""
        _belongs, organisations = self.branches
        made: dict[int | None, Count] = {one.pk: Count(one.name, one.code) for one in organisations}
        filers: dict[int | None, set[int]] = defaultdict(set)
        for line in self.lines:
            if line.group in made:
                made[line.group].by_status[line.status] += 1
                filers[line.group].add(line.standing.organisation.pk)
        if max(map(len, filers.values()), default=0) < 2:
            return {}
        return {pk: one for pk, one in made.items() if one.expected}

    @cached_property
    def total(self) -> Count:
        return Count(str(_("Total")), "", Counter(line.status for line in self.lines))

    # The list

    @cached_property
    def filterset(self) -> Any:
        return DayFilter(self.request.GET or None, self.lines, self.groups)

    @cached_property
    def filtered(self) -> Any:
        rows = self.filterset.chosen
        for word in self.words.casefold().split()[:10]:
            rows = [line for line in rows if word in line.standing.organisation.search_text]
        return rows

    def get_queryset(self) -> Any:
        return self.lines

    @property
    def may_remind(self) -> bool:
        scope = self.request.scope
        return scope.may("figures:approve") or scope.may("figures:lock")

    @property
    def is_above(self) -> bool:
        """Whether others file what is listed: then the counts say how the day stands."""
        return any(not self.request.scope.may_at(FILE, one.organisation.pk) for one in self.standings)

    @cached_property
    def to_chase(self) -> int:
        return sum(line.status in CHASED for line in self.filtered)

    # Around it

    @cached_property
    def own(self) -> list[dict[str, Any]]:
        """What the asker files themselves for the period, with how far it is."""
        mine = [one for one in self.standings if self.request.scope.may_at(FILE, one.organisation.pk)]
        return own_sheets(mine) if len(mine) <= MOST_OF_ONES_OWN else []

    @cached_property
    def files_many(self) -> list[dict[str, Any]]:
        """Forms that the asker files for several organisations: they can be filled in side by side."""
        mine = [one for one in self.standings if self.request.scope.may_at(FILE, one.organisation.pk)]
        counts = Counter(one.form.code for one in mine)
        names = {one.form.code: one.form.name for one in mine}
        return [{"code": code, "name": names[code], "n": n} for code, n in counts.items() if n > 1]

    def other_open(self) -> list[Sheet]:
        """Sheets of other periods that wait for the asker."""
        if not self.request.scope.may("figures:file"):
            return []
        rows = Sheet.objects.filter(
            status__in=[Sheet.Status.OPEN, Sheet.Status.RETURNED],
            organisation__in=self.request.scope.changeable("figures"),
        ).exclude(period=self.period.start)
        return list(rows.select_related("form", "organisation").order_by("period", "organisation__sort_key")[:12])

    def get_actions(self) -> Sequence[Action]:
        return (
            Action(_("Forms"), reverse("filing:forms"), icon="clipboard-list"),
            Action(_("Corrections"), reverse("filing:corrections"), icon="refresh"),
            Action(_("All sheets"), reverse("filing:sheets"), icon="list-details"),
        )

    def get_context(self) -> dict[str, Any]:
        today = clock.today()
        other = Period.of(Kind.DAY if self.grain == "month" else Kind.MONTH, min(self.period.end, today))
        steps = [
            {"label": GRAINS["day"], "code": (self.period if self.grain == "day" else other).code},
            {"label": GRAINS["month"], "code": (self.period if self.grain == "month" else other).code},
        ]
        return {
            "day": self,
            "period": self.period,
            "in_words": in_words(self.period),
            "before": self.period.previous().code,
            "after": self.period.next().code if self.period.end < today else "",
            "grain": self.grain,
            "steps": steps,
            "open_sheets": [
                {"sheet": one, "period": period_of(one.form.defined.grain, one.period)} for one in self.other_open()
            ],
        }


def branches(on: date) -> tuple[dict[int, int], list[Organisation]]:
    """Organisations by the group to which they belong: the first tier with several below the highest visible ones."""
    rows = Placement.objects.order_by().filter(valid__contains=on).values_list("child_id", "parent_id")
    parents = dict(rows)
    below: dict[int | None, list[int]] = defaultdict(list)
    for child, parent in parents.items():
        below[parent if parent in parents else None].append(child)
    tops = below[None]
    while len(tops) == 1 and below[tops[0]]:
        tops = below[tops[0]]
    belongs: dict[int, int] = {}
    for top in tops:
        level = [top]
        while level:
            belongs.update(dict.fromkeys(level, top))
            level = [child for one in level for child in below[one]]
    found = Organisation.objects.filter(pk__in=tops).order_by("sort_key", "code")
    return belongs, list(found)


def own_sheets(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Cards of what the asker files: how far each is, and when it must be done."""
    filled = queries.progress([one.sheet for one in standings if one.sheet])
    return [
        {
            "standing": one,
            "status": one.status,
            "label": STANDINGS[one.status],
            "tone": TONES[one.status],
            "look": OWN_LOOKS[TONES[one.status]],
            "due": due_words(one.due_at) if one.due_at and one.status not in SUBMITTED else "",
            "progress": filled.get(one.sheet.pk) if one.sheet else None,
            "is_open": one.status in ("not_opened", "open", "late", "missing", "returned"),
        }
        for one in standings
    ]
