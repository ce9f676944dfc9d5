"""Issuing: by the clock, again when approved or changed, never twice the same; kept as it was."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from gangmu.figures.reports import queries, services, showing
from gangmu.figures.reports.building import build
from gangmu.figures.reports.models import Edition, EditionFile
from gangmu.figures.reports.printing import printed
from gangmu.figures.reports.tests.conftest import LAST, at_state, load
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.documents.services import open_document
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

SCHEDULED, APPROVED, CHANGED, MANUAL = Edition.Reason.values


def told() -> list[tuple[str, str, int, str]]:
    """(organisation, period, number, reason) of every edition, in order."""
    rows = Edition.objects.order_by("id").values_list("organisation__code", "period", "number", "reason")
    return [tuple(row) for row in rows]


def due(at: str) -> list[tuple[str, str, int, str]]:
    """What is issued when the workers look at a time of 20 November."""
    before = len(told())
    with clock.frozen(f"2026-11-20T{at}+08:00"):
        services.issue_due(files=False)
    return sorted(told()[before:])


@pytest.fixture(autouse=True)
def forgetful():
    services._looked.clear()


@pytest.mark.req("M-7.2.9")
def test_yesterday_s_report_is_issued_on_time_for_everybody_whom_it_is_for(world, daily):
    assert due("09:25") == [
        (code, day, 1, SCHEDULED) for code in ("G", "R1", "R2") for day in ("2026-11-17", "2026-11-18")
    ]
    assert due("09:30") == [(code, "2026-11-19", 1, SCHEDULED) for code in ("G", "R1", "R2")]
    assert due("09:35") == []
    edition = Edition.objects.get(organisation__code="G", period="2026-11-19")
    assert not edition.is_final  # P3 has not filed
    assert Edition.objects.get(organisation__code="R1", period="2026-11-19").is_final


@pytest.mark.req("M-7.2.9")
def test_it_is_issued_again_as_soon_as_the_group_has_approved_all_of_it(world, daily, tmp_path):
    at_state(1, LAST.code)
    due("09:30")
    first = Edition.objects.get(organisation__code="G", period=LAST.code)
    assert first.state == 1 and not first.is_final
    load(tmp_path, [("P3U1", "generation", LAST.code, "12200.0")])
    at_state(3, LAST.code)
    assert due("10:00") == []  # approvals on the way make no edition each
    at_state(4, LAST.code)
    services._looked.clear()
    assert due("10:05") == [(code, LAST.code, 2, APPROVED) for code in ("G", "R1", "R2")]
    assert due("10:10") == []
    last = queries.last_edition("power_daily", first.organisation, LAST)
    assert last is not None and last.state == 4 and last.is_final


def test_other_changes_wait_for_a_fixed_time_and_are_gathered(world, daily, tmp_path):
    due("09:30")
    load(tmp_path, [("P3U1", "generation", LAST.code, "12200.0")])
    at_state(1, LAST.code, "P3U1")
    assert due("10:00") == []
    assert due("11:55") == []
    assert due("12:00") == [(code, LAST.code, 2, CHANGED) for code in ("G", "R2")]
    load(tmp_path, [("P3U1", "generation", LAST.code, "12300.0")], correct="a wrong meter")
    at_state(1, LAST.code, "P3U1")
    assert due("12:05") == []
    assert due("16:05") == [(code, LAST.code, 3, CHANGED) for code in ("G", "R2")]


def test_a_correction_of_an_earlier_day_issues_that_day_alone_again(world, daily, tmp_path):
    due("09:30")
    load(tmp_path, [("P2U1", "generation", "2026-11-17", "450.0")], correct="a wrong meter")
    again = due("12:00")
    assert ("R1", "2026-11-17", 2, CHANGED) in again and ("G", "2026-11-17", 2, CHANGED) in again
    assert not [one for one in again if one[1] == "2026-11-18"]  # only what is summed up on it has moved
    assert ("R1", LAST.code, 2, CHANGED) in again  # of yesterday everything counts


def test_workers_at_the_same_time_and_repeated_calls_make_one_edition(world, daily, group):
    first = services.issue(daily, group, LAST, SCHEDULED, files=False)
    assert services.issue(daily, group, LAST, MANUAL, files=False) == first
    assert Edition.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.create(
            report="power_daily", organisation=group, period=LAST.code, last_day=LAST.end, number=1, reason=MANUAL,
            digest="0" * 64, content={}, issued_at=clock.now(),
        )  # fmt: skip


@pytest.mark.req("M-7.2.9")
def test_an_edition_shows_for_ever_what_it_showed_and_says_what_has_changed_since(world, daily, group, tmp_path):
    edition = services.issue(daily, group, LAST, SCHEDULED, files=False)
    before = build(daily, group, LAST, SYSTEM)
    load(tmp_path, [("P1U1", "generation", LAST.code, "7100.5")], correct="a wrong meter")
    Organisation.objects.filter(pk=group.pk).update(name_en="Renamed")
    kept = queries.kept(Edition.objects.get(pk=edition.pk))
    assert kept.figures() == before.figures()
    with translation.override("en"):
        assert showing.shown_sections(kept) == showing.shown_sections(before)
    assert kept.organisation_name.en == "Example Group"
    second = services.issue(daily, group, LAST, CHANGED, files=False)
    assert second.number == 2
    changed = queries.differences(kept, queries.kept(second))
    told = {
        (one.after.indicator, one.after.period, one.after.by, one.after.group): (one.before.value, one.after.value)
        for one in changed
        if one.before and one.after
    }
    assert told["generation", LAST.code, "", None] == ("10400.5", "10500.5")
    assert told["generation", LAST.code, "children", "R2"] == ("10200.5", "10300.5")
    assert ("generation", LAST.code, "children", "R1") not in told


@pytest.mark.req("M-7.2.9")
def test_an_edition_keeps_its_files_in_both_languages(world, daily, group):
    edition = services.issue(daily, group, LAST, SCHEDULED)
    files = {(one.language, one.kind): one.document for one in EditionFile.objects.select_related("document")}
    assert set(files) == {(language, kind) for language in ("zh-hans", "en") for kind in ("xlsx", "pdf")}
    content = queries.kept(edition)
    for (language, kind), document in files.items():
        assert document.organisation == group
        with open_document(document) as stream:
            assert stream.read() == printed(content, language, kind, edition)
    assert files["zh-hans", "pdf"].name == "经营日报-示例集团-2026-11-19-第1版.pdf"


def test_those_who_asked_are_told_if_they_may_still_see_it(world, daily, group):
    region = Organisation.objects.get(code="R2")
    for user in (world.group, world.present, world.other):
        services.subscribe(user, daily, region)
    services.subscribe(world.group, daily, region)
    services.issue(daily, region, LAST, SCHEDULED, files=False)
    assert set(Notice.objects.values_list("user__username", flat=True)) == {"group", "present"}
    notice = Notice.objects.filter(user=world.group).get()
    assert "organisation=R2" in notice.url and "edition=1" in notice.url
    services.unsubscribe(world.present, daily, region)
    at_state(1, LAST.code)
    services.issue(daily, region, LAST, CHANGED, files=False)
    assert Notice.objects.filter(user=world.present).count() == 1
    assert Notice.objects.filter(user=world.group).count() == 2


@pytest.mark.req("M-5.4")
def test_editions_are_seen_from_above_and_by_their_own(world, daily):
    for code in ("G", "R1", "R2"):
        services.issue(daily, Organisation.objects.get(code=code), LAST, SCHEDULED, files=False)

    def seen(user) -> set[str]:
        with acting_as(user):
            return set(Edition.objects.values_list("organisation__code", flat=True))

    assert seen(world.group) == {"G", "R1", "R2"}
    assert seen(world.present) == {"R2"}
    assert seen(world.former) == {"R1"}
    assert seen(world.clerk) == seen(world.nobody) == set()
