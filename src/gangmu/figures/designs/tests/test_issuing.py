"""Issuing designed reports: held back while somebody is missing, kept for ever as they were, sent with receipts."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from gangmu.figures.designs import comparing, issuing
from gangmu.figures.designs.issuing import HeldBack
from gangmu.figures.designs.models import Design
from gangmu.figures.reports import distributing
from gangmu.figures.reports.models import Distribution, Edition, EditionFile, Receipt
from gangmu.figures.reports.services import subscribe
from gangmu.figures.reports.tests.conftest import LAST, at_state, load
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.documents.services import open_document
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

MISSING = [("P3U1", "generation", LAST.code, "12200.0")]


@pytest.fixture
def daily(world) -> Design:
    design = Design.objects.get(code="power_day")
    design.issue_at = "10:00"
    design.save()
    design.refresh_from_db()
    return design


@pytest.fixture(autouse=True)
def forgetful():
    issuing._looked.clear()


def due(at: str) -> list[tuple[str, str]]:
    """What is issued when the workers look at a time of 20 November."""
    before = set(Edition.objects.values_list("pk", flat=True))
    with clock.frozen(f"2026-11-20T{at}+08:00"):
        issuing.issue_due(files=False)
    rows = Edition.objects.filter(report="power_day").exclude(pk__in=before)
    return sorted(rows.values_list("organisation__code", "period"))


@pytest.mark.req("M-7.2.9")
def test_a_report_waits_until_everybody_has_filed_and_says_who_is_missing(world, daily, group, tmp_path):
    Design.objects.exclude(pk=daily.pk).update(issue_at=None)  # they are issued in the test after the next
    assert due("09:59") == [(code, day) for code in ("G", "R1", "R2") for day in ("2026-11-17", "2026-11-18")]
    assert due("10:00") == [("R1", LAST.code)]  # P3 stands below R2 and G, and has not filed
    guard = issuing.guard(daily, group, LAST)
    with translation.override("zh-hans"):
        assert guard.words() == "3 家中已有 2 家填报。 未报单位：丙电厂"
    notice = Notice.objects.filter(user=world.group, kind="reports.held").get()
    assert (notice.params["missing"], notice.params["expected"], notice.params["period"]) == (1, 3, LAST.code)
    assert due("10:05") == [] and Notice.objects.filter(user=world.group, kind="reports.held").count() == 1
    load(tmp_path, MISSING)
    assert due("10:10") == [("G", LAST.code), ("R2", LAST.code)]


@pytest.mark.req("M-7.2.9")
def test_the_state_that_is_wanted_holds_a_report_back_as_well(world, daily, group, tmp_path):
    load(tmp_path, MISSING)
    at_state(3, LAST.code)
    daily.at_least = 4
    daily.save()
    guard = issuing.guard(daily, group, LAST)
    assert not guard.holds and guard.below == 3
    with pytest.raises(HeldBack):
        issuing.issue(daily, group, LAST, Edition.Reason.MANUAL)
    at_state(4, LAST.code)
    assert issuing.guard(daily, group, LAST).holds
    assert issuing.issue(daily, group, LAST, Edition.Reason.MANUAL, files=False).is_final


@pytest.mark.req("M-7.2.9")
def test_after_some_days_it_is_issued_all_the_same_and_says_what_is_missing(world, daily, group):
    daily.patience = 0
    daily.save()
    assert [one for one in due("10:00") if one[1] == LAST.code] == [(code, LAST.code) for code in ("G", "R1", "R2")]
    edition = Edition.objects.get(report="power_day", organisation=group, period=LAST.code)
    assert (edition.content["expected"], edition.content["missing"], edition.is_final) == (3, 1, False)
    assert edition.content["late"] == [["丙电厂", "Plant Gamma"]]


@pytest.mark.req("M-7.2.9")
def test_an_edition_is_numbered_frozen_and_tells_what_changed(world, daily, group, tmp_path):
    first = issuing.issue(daily, group, LAST, Edition.Reason.MANUAL, all_the_same=True)
    assert issuing.issue(daily, group, LAST, Edition.Reason.MANUAL, all_the_same=True) == first
    before = issuing.kept(first, "zh-hans")
    load(tmp_path, MISSING)
    second = issuing.issue(daily, group, LAST, Edition.Reason.MANUAL)
    assert (first.number, second.number) == (1, 2)
    assert issuing.kept(Edition.objects.get(pk=first.pk), "zh-hans") == before
    found = {(one.line, one.head): one for one in comparing.differences(before, issuing.kept(second, "zh-hans"))}
    generation = found["发电量", "本日"]
    assert generation.before and generation.after
    assert (generation.before.text, generation.after.text) == ("1,040.05", "2,260.05")
    assert found["西部公司", "本日"].moved and ("东部公司", "本日") not in found
    rows = Edition.objects.filter(pk=first.pk)
    files = EditionFile.objects.filter(edition=first)
    for change in (
        lambda: rows.update(content={}),
        lambda: files.update(language="fr"),
        lambda: rows._raw_delete("default"),
        lambda: files._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            change()
    kinds = sorted(EditionFile.objects.filter(edition=second).values_list("language", "kind"))
    assert kinds == [("en", "pdf"), ("en", "xlsx"), ("zh-hans", "pdf"), ("zh-hans", "xlsx")]
    for file in EditionFile.objects.filter(edition=second).select_related("document"):
        with open_document(file.document) as content:
            assert content.read(2) in (b"PK", b"%P")


@pytest.mark.req("M-7.2.9")
def test_readers_receive_open_and_confirm_an_edition_each_for_themselves(world, daily, group):
    subscribe(world.present, daily, Organisation.objects.get(code="R2"))
    subscribe(world.other, daily, group)  # may not see the group's figures
    edition = issuing.issue(daily, group, LAST, Edition.Reason.MANUAL, all_the_same=True, files=False)
    assert list(Receipt.objects.filter(edition=edition).values_list("user__username", flat=True)) == ["group"]
    assert Notice.objects.filter(user=world.group, kind="reports.issued").count() == 1
    assert distributing.distribute(edition) == 0  # once
    with acting_as(world.group):
        assert distributing.confirm(edition, world.group)
    assert distributing.counts(distributing.receipts(edition)) == (1, 1, 1)
    receipt = Receipt.objects.get(edition=edition)
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.filter(pk=receipt.pk).update(confirmed_at=None)
    other = issuing.issue(
        daily, Organisation.objects.get(code="R2"), LAST, Edition.Reason.MANUAL, all_the_same=True, files=False
    )
    theirs = Receipt.objects.get(edition=other)
    assert theirs.user == world.present
    with pytest.raises(IntegrityError), acting_as(world.group):
        Receipt.objects.filter(pk=theirs.pk).update(opened_at=clock.now())


def test_what_a_page_issues_is_sent_by_a_worker(world, daily, group):
    with acting_as(world.group) as scope:
        edition = issuing.issue(
            daily, group, LAST, Edition.Reason.MANUAL, by=world.group, scope=scope, all_the_same=True, files=False
        )
        assert not Receipt.objects.filter(edition=edition).exists()
    assert distributing.distribute_due() == 1
    assert Distribution.objects.get(edition=edition).count == 1
