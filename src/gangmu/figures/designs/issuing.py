"""Issuing editions of designs: by the clock when everybody has filed, held back and said so while not, or by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, override

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.errors import CannotAnswer
from gangmu.figures.cube.question import STATES
from gangmu.figures.designs import keeping, printing_pdf
from gangmu.figures.designs.errors import DesignRefused
from gangmu.figures.designs.making import Made, all_languages
from gangmu.figures.designs.models import Design
from gangmu.figures.designs.naming import file_name
from gangmu.figures.designs.showing import Sheet
from gangmu.figures.reports import queries as editions
from gangmu.figures.reports.building import build
from gangmu.figures.reports.content import Standing
from gangmu.figures.reports.definitions import ReportDefinition
from gangmu.figures.reports.distributing import distribute_now
from gangmu.figures.reports.members import names_of
from gangmu.figures.reports.models import Edition, EditionFile
from gangmu.foundation.access.models import Assignment
from gangmu.foundation.access.scope import SYSTEM, Scope, scope_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.notices.services import tell
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.parties.models import Organisation, Placement
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.here import here

Reason = Edition.Reason
MOST_KEPT = 60_000  # cells of an edition
MOST_PRINTED = 20_000  # cells of a PDF
MOST_AT_ONCE = 12  # editions a round; the next round goes on
LOOKED_AT = 2  # periods back
WATCHED = 60  # days in which a report that was held back is still looked at
ISSUE = "figures:issue"
HELD = gettext_noop(
    "%(report_en)s of %(organisation_en)s for %(period)s is held back: %(missing)s of %(expected)s not filed"
)


class HeldBack(Exception):
    """Not everybody has filed and been approved as the design wants it; the text names who is missing."""

    def __init__(self, guard: "Guard") -> None:
        super().__init__(guard.words())
        self.guard = guard


@dataclass(frozen=True)
class Guard:
    """How far the filing of a period has come, against what a design wants before it is issued."""

    standing: Standing
    percent: int
    at_least: int

    @property
    def filed(self) -> int:
        return self.standing.expected - self.standing.missing

    @property
    def below(self) -> int:
        """Those that have filed and whose figures have not come as far as wanted."""
        one = self.standing
        return sum((one.filed, one.plant, one.region)[: min(self.at_least - 1, 3)])

    @property
    def holds(self) -> bool:
        """Whether the report may be issued. Where nobody is expected, there is nothing to wait for and nothing to
        issue."""
        one = self.standing
        return one.expected > 0 and self.filed * 100 >= one.expected * self.percent and self.below == 0

    def words(self) -> str:
        """What is missing, by name as far as there is room."""
        one = self.standing
        if not one.expected:
            return _("Nobody is expected to file for this period.")
        told = [_("%(filed)d of %(expected)d have filed.") % {"filed": self.filed, "expected": one.expected}]
        if one.missing:
            names = _(", ").join(map(str, one.late))
            more = one.missing - len(one.late)
            if more > 0:
                names += " " + ngettext("and %(count)d other", "and %(count)d others", more) % {"count": more}
            told.append(_("Not reported: %(names)s") % {"names": names})
        if self.below:
            told.append(
                ngettext(
                    "%(count)d has filed and is not approved as far as the design wants.",
                    "%(count)d have filed and are not approved as far as the design wants.",
                    self.below,
                )
                % {"count": self.below}
            )
        return " ".join(told)


def guard(design: Design, organisation: Organisation, period: Period, scope: Scope = SYSTEM) -> Guard:
    """How far the filing has come that a design waits for.

    Raises:
        CannotAnswer, PeriodError: as `reports.building.build`.
    """
    report = ReportDefinition(
        design.code, title(design), Kind(design.grain), tuple(design.kinds), (), tuple(design.standing)
    )
    standing = build(report, organisation, period, scope).standing
    return Guard(standing, design.complete_percent, design.at_least)


def title(design: Design) -> Words:
    return Words(design.name_zh, design.name_en)


def issue(
    design: Design,
    organisation: Organisation,
    period: Period,
    reason: str,
    *,
    by: User | None = None,
    scope: Scope = SYSTEM,
    files: bool = True,
    all_the_same: bool = False,
) -> Edition:
    """Issue a report as it stands now; when nothing has changed since the last edition, that is given back.

    Args:
        all_the_same: whether it is issued though not everybody has filed.

    Raises:
        HeldBack: not everybody has filed, or is approved as far as the design wants.
        DesignRefused, CannotAnswer: it cannot be made now, or is too large to be kept.
    """
    stands = guard(design, organisation, period, scope)
    if design.standing and not stands.holds and not all_the_same:
        raise HeldBack(stands)
    with transaction.atomic():
        _one_at_a_time(design, organisation, period)
        last = editions.last_edition(design.code, organisation, period)
        number = last.number + 1 if last else 1
        made = all_languages(design, organisation, period, scope, number)
        if not made:
            raise DesignRefused(_("No version of %(design)s applies yet.") % {"design": design.name})
        if sum(one.boxes for one in made) > MOST_KEPT:
            raise DesignRefused(
                _("The report has more than %(most)d cells; an edition cannot keep it. Take it as a workbook.")
                % {"most": MOST_KEPT}
            )
        digest = keeping.digest((one.filled, one.sheets) for one in made)
        if last is not None and last.digest == digest and last.is_final == stands.standing.is_final:
            return last
        edition = _kept(design, organisation, period, reason, number, digest, made, stands, by)
        if files:
            _keep_files(design, edition, made, by)
        distribute_now(edition)
        return edition


def _kept(
    design: Design, organisation: Organisation, period: Period, reason: str, number: int, digest: str,
    made: Sequence[Made], stands: Guard, by: User | None,
) -> Edition:  # fmt: skip
    states = [
        STATES.index(one.state) + 1
        for each in made[:1]
        for told in each.filled.origins.values()
        for one in told
        if one.state and one.period == period.code and one.scenario == "actual"
    ]
    one = stands.standing
    return Edition.objects.create(
        report=design.code,
        organisation=organisation,
        period=period.code,
        last_day=period.end,
        number=number,
        reason=reason,
        state=min(states, default=None),
        is_final=one.is_final,
        digest=digest,
        content={
            "design": design.code,
            "made_at": clock.now().isoformat(),
            "versions": {each.language: each.version.number for each in made},
            "sheets": {each.language: [keeping.as_json(sheet) for sheet in each.sheets] for each in made},
            "expected": one.expected,
            "missing": one.missing,
            "late": [[name.zh, name.en] for name in one.late],
        },
        issued_at=clock.now(),
        issued_by=by,
    )


def kept(edition: Edition, language: str) -> list[Sheet]:
    """What an edition showed, in a language or the one that it has."""
    told: dict[str, Any] = edition.content["sheets"]
    sheets = told.get(language) or next(iter(told.values()), [])
    return [keeping.sheet_of(one) for one in sheets]


def _keep_files(design: Design, edition: Edition, made: Sequence[Made], by: User | None) -> None:
    """Workbook and PDF in every language, as documents of the organisation."""
    for one in made:
        with override(one.language):
            for kind in EditionFile.Kind.values:
                if kind == EditionFile.Kind.PDF and one.boxes > MOST_PRINTED:
                    continue
                name = file_name(design, edition.organisation, edition.period, one.language, kind, edition.number)
                content = (
                    one.workbook()
                    if kind == EditionFile.Kind.XLSX
                    else printing_pdf.write(
                        one.sheets, printing_pdf.head(design, edition.organisation, edition.period, edition.number)
                    )
                )
                document = add_document(
                    BytesIO(content), name=name, title=name.rsplit(".", 1)[0], by=by, organisation=edition.organisation
                )
                EditionFile.objects.create(edition=edition, language=one.language, kind=kind, document=document)


def _one_at_a_time(design: Design, organisation: Organisation, period: Period) -> None:
    """Wait until nobody else issues the same; the lock goes with the transaction."""
    with connection.cursor() as cursor:
        key = f"designs.issue {design.code} {organisation.pk} {period.code}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


# By the clock ---------------------------------------------------------------------------------------------------------

_looked: dict[tuple[str, int, str], object] = {}  # the state of the cube in which nothing was to be done


def issue_due(*, files: bool = True) -> int:
    """Issue what is due and complete, say what is held back; how many editions. The system's own work."""
    cube.ensure_fresh()
    made = 0
    for design in Design.objects.filter(issue_at__isnull=False, is_retired=False).select_related("organisation"):
        for period in _due(design):
            last = editions.last_editions(design.code, [period])
            for organisation in audience(design, period):
                if made >= MOST_AT_ONCE:
                    return made
                edition = last.get((organisation.pk, period.code))
                if edition is None or not edition.is_final:
                    made += _look(design, organisation, period, edition, files)
    return made


def _due(design: Design) -> list[Period]:
    """The periods whose time has come, the latest first; those that ended long ago are left."""
    period = Period.of(Kind(design.grain), clock.today())
    found: list[Period] = []
    for _number in range(WATCHED):
        period = period.previous()
        if (
            clock.today() - period.end > timedelta(days=max(WATCHED, 2 * (design.patience or 0)))
            or len(found) == LOOKED_AT
        ):
            break
        if clock.now() >= moment(design, period):
            found.append(period)
    return found


def moment(design: Design, period: Period) -> datetime:
    """When the first edition of a period is due."""
    assert design.issue_at is not None
    day = period.end + timedelta(days=design.issue_after)
    return datetime.combine(day, design.issue_at, clock.BUSINESS_ZONE)


def audience(design: Design, period: Period) -> list[Organisation]:
    """For whom editions are issued: organisations of the design's kinds, at or below its owner on the last day."""
    rows = Organisation.objects.filter(kind__in=design.kinds, placements__valid__contains=period.end)
    if design.organisation_id is not None:
        below = {design.organisation_id}
        pairs = list(Placement.objects.filter(valid__contains=period.end).values_list("parent_id", "child_id"))
        grown = True
        while grown:
            more = {child for parent, child in pairs if parent in below} - below
            below |= more
            grown = bool(more)
        rows = rows.filter(pk__in=below)
    return list(rows.distinct().order_by("sort_key", "code"))


def _look(design: Design, organisation: Organisation, period: Period, last: Edition | None, files: bool) -> bool:
    """Whether an edition was issued of one organisation and period. Looked into only when something has changed."""
    waited = clock.now() - moment(design, period)
    gives_up = design.patience is not None and waited >= timedelta(days=design.patience)
    key, position = (design.code, organisation.pk, period.code), (cube.store().position, clock.today(), gives_up)
    if _looked.get(key) == position:
        return False
    try:
        stands = guard(design, organisation, period)
        ready = stands.holds or not design.standing
        if last is None and (ready or (gives_up and stands.standing.expected)):
            issue(design, organisation, period, Reason.SCHEDULED, files=files, all_the_same=True)
            return True
        if last is not None and stands.standing.is_final:
            return issue(design, organisation, period, Reason.APPROVED, files=files).pk != last.pk
        if last is None and stands.filed:
            _say_held(design, organisation, period, stands)
    except (CannotAnswer, PeriodError, DesignRefused):
        return False
    finally:
        _looked[key] = position
    return False


def _say_held(design: Design, organisation: Organisation, period: Period, stands: Guard) -> None:
    """Tell those who may issue there, once a day, what is waited for."""
    held = Assignment.objects.filter(organisation=organisation).select_related("user")
    people = {one.user_id: one.user for one in held if one.user.is_active}
    told = [user for user in people.values() if scope_of(user).may_at(ISSUE, organisation.pk)]
    if told:
        tell(
            told,
            "reports.held",
            HELD,
            url=address(design.code, str(organisation.code), period.code),
            key=f"designs-held-{design.code}-{organisation.pk}-{period.code}-{clock.today()}",
            report_zh=design.name_zh,
            report_en=design.name_en,
            organisation_zh=names_of(organisation).zh,
            organisation_en=names_of(organisation).en,
            period=period.code,
            missing=stands.standing.missing + stands.below,
            expected=stands.standing.expected,
        )


def address(code: str, organisation: str, period: str, **more: str) -> str:
    """The page of a report."""
    query = {"organisation": organisation, "period": period, **more}
    return f"{here('designs:report', code)}?{urlencode(query)}"
