"""Issuing editions: by the clock, again when the group has approved, again when figures have changed."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any, Protocol

from django.db import connection, transaction

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.question import STATES
from gangmu.figures.reports import definitions, queries
from gangmu.figures.reports.building import build
from gangmu.figures.reports.content import Content, content_of
from gangmu.figures.reports.definitions import ReportDefinition
from gangmu.figures.reports.distributing import distribute_now
from gangmu.figures.reports.models import Edition, EditionFile, Subscription
from gangmu.figures.reports.printing import LANGUAGES, file_name, printed
from gangmu.foundation.access.scope import SYSTEM, Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

Reason = Edition.Reason


class Report(Protocol):
    """Whatever has editions: a definition, or what another maker makes."""

    @property
    def code(self) -> Any: ...


CATCH_UP = 3  # days of which editions are issued late, after the product was down
WATCHED = 35  # days of which editions are issued again
WINDOW = timedelta(minutes=30)  # after a fixed time in which changes are looked for
MOST_AT_ONCE = 12  # editions a round; the next round goes on


def issue(
    report: ReportDefinition,
    organisation: Organisation,
    period: Period,
    reason: str,
    *,
    by: User | None = None,
    scope: Scope = SYSTEM,
    files: bool = True,
) -> Edition:
    """Issue a report as it stands now; when nothing has changed since the last edition, that is given back.

    Args:
        files: whether workbook and PDF are kept beside it; otherwise they are made when somebody asks for them.

    Raises:
        CannotAnswer, PeriodError: as `building.build`.
    """
    with transaction.atomic():
        _one_at_a_time(report, organisation, period)
        return _issue(report, organisation, period, reason, build(report, organisation, period, scope), by, files)


def _issue(
    report: ReportDefinition,
    organisation: Organisation,
    period: Period,
    reason: str,
    content: Content,
    by: User | None,
    files: bool,
) -> Edition:
    last = queries.last_edition(report.code, organisation, period)
    if last is not None and last.digest == content.digest and last.is_final == content.standing.is_final:
        return last
    state = content.state
    edition = Edition.objects.create(
        report=report.code,
        organisation=organisation,
        period=period.code,
        last_day=period.end,
        number=last.number + 1 if last else 1,
        reason=reason,
        state=STATES.index(state) + 1 if state else None,
        is_final=content.standing.is_final,
        digest=content.digest,
        content=content.as_json(),
        issued_at=clock.now(),
        issued_by=by,
    )
    if files:
        _keep_files(edition, content, by)
    distribute_now(edition)
    return edition


def _keep_files(edition: Edition, content: Content, by: User | None) -> None:
    """Workbook and PDF in both languages, as documents of the organisation."""
    for language in LANGUAGES:
        for kind in EditionFile.Kind.values:
            name = file_name(content, language, kind, edition)
            document = add_document(
                BytesIO(printed(content, language, kind, edition)),
                name=name,
                title=name.rsplit(".", 1)[0],
                by=by,
                organisation=edition.organisation,
            )
            EditionFile.objects.create(edition=edition, language=language, kind=kind, document=document)


def _one_at_a_time(report: ReportDefinition, organisation: Organisation, period: Period) -> None:
    """Wait until nobody else issues the same; the lock goes with the transaction."""
    with connection.cursor() as cursor:
        key = f"reports.issue {report.code} {organisation.pk} {period.code}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


# Telling people -------------------------------------------------------------------------------------------------------


def subscribe(user: User, report: Report, organisation: Organisation) -> None:
    """Let a user be told of every edition of an organisation's report."""
    Subscription.objects.get_or_create(
        user=user, report=report.code, organisation=organisation, defaults={"since": clock.now()}
    )


def unsubscribe(user: User, report: Report, organisation: Organisation) -> None:
    Subscription.objects.filter(user=user, report=report.code, organisation=organisation).delete()


# By the clock ---------------------------------------------------------------------------------------------------------

_looked: dict[tuple[str, int, str], object] = {}  # the state of the cube in which nothing was to be done


def issue_due(*, files: bool = True) -> int:
    """Issue what is due, and again what has been approved or has changed; how many editions. The system's own work."""
    cube.ensure_fresh()
    made = 0
    for report in definitions.reports():
        if report.issue_at is not None:
            made += _issue_due_of(report, MOST_AT_ONCE - made, files)
    return made


def _issue_due_of(report: ReportDefinition, most: int, files: bool) -> int:
    made = 0
    first = Period.of(report.grain, clock.today() - timedelta(days=1))
    if first.end >= clock.today():
        first = first.previous()
    periods = _back(first)
    editions = queries.last_editions(report.code, periods)
    for age, period in enumerate(periods):
        for organisation in audience(report, period.end):
            if made >= most:
                return made
            last = editions.get((organisation.pk, period.code))
            made += _look(report, organisation, period, last, age, files)
    return made


def audience(report: ReportDefinition, day: date) -> list[Organisation]:
    """For whom editions are issued: organisations of the report's kinds that stood in the tree on the day."""
    return list(
        Organisation.objects.filter(kind__in=report.kinds, placements__valid__contains=day)
        .distinct()
        .order_by("sort_key", "code")
    )


def _back(last: Period) -> list[Period]:
    found = [last]
    while (found[0].end - found[-1].start).days < WATCHED:
        found.append(found[-1].previous())
    return found


def _look(
    report: ReportDefinition, organisation: Organisation, period: Period, last: Edition | None, age: int, files: bool
) -> bool:
    """Whether an edition was issued of one organisation and period. Looked into only where there may be a reason."""
    if last is None:
        if age >= CATCH_UP or clock.now() < _moment(report, period):
            return False
        issue(report, organisation, period, Reason.SCHEDULED, files=files)
        return True
    at_fixed_time = _is_fixed_time(report, last)
    if not at_fixed_time and (last.is_final or age >= CATCH_UP):
        return False
    key, position = (report.code, organisation.pk, period.code), (cube.store().position, at_fixed_time)
    if _looked.get(key) == position:
        return False
    with transaction.atomic():
        _one_at_a_time(report, organisation, period)
        last = queries.last_edition(report.code, organisation, period) or last
        content = build(report, organisation, period, SYSTEM)
        reason = _reason(last, content, age, at_fixed_time=at_fixed_time)
        if reason:
            _issue(report, organisation, period, reason, content, None, files)
            return True
    _looked[key] = position
    return False


def _reason(last: Edition, content: Content, age: int, *, at_fixed_time: bool) -> str:
    """Why a report is issued again, or nothing.

    As soon as everybody expected has reported and the group has approved all of it. Other changes are gathered until
    the next fixed time. Of yesterday every figure counts; of earlier days their own alone, since one correction moves
    what is summed up on all days after it.
    """
    if content.standing.is_final and not last.is_final:
        return Reason.APPROVED
    if not at_fixed_time:
        return ""
    before = content_of(last.content)
    own = age > 0
    now, then = content.figures(own=own), before.figures(own=own)
    moved = now.keys() != then.keys() or any(
        (now[key].value, now[key].state) != (then[key].value, then[key].state) for key in now
    )
    return Reason.CHANGED if moved else ""


def _moment(report: ReportDefinition, period: Period) -> datetime:
    """When the first edition is due: on the day after the period."""
    assert report.issue_at is not None
    return datetime.combine(period.end + timedelta(days=1), report.issue_at, clock.BUSINESS_ZONE)


def _is_fixed_time(report: ReportDefinition, last: Edition) -> bool:
    """Whether one of today's fixed times has just passed, and the last edition is older."""
    now = clock.now()
    for at in report.issue_again:
        moment = datetime.combine(clock.today(), at, clock.BUSINESS_ZONE)
        if moment <= now < moment + WINDOW and last.issued_at < moment:
            return True
    return False
