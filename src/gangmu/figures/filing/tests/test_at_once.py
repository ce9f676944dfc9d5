"""Slow lines, second windows, people who are faster, as pages meet them: clear answers, nothing lost or done twice."""

import re
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.utils import translation

from gangmu.figures.filing.models import Batch, Fact, Revision, Sheet
from gangmu.figures.filing.tests import small as kit
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user

NOW = "2026-11-20T07:30+08:00"


@pytest.fixture
def small(committed, tmp_path):
    with clock.frozen(NOW), translation.override("en"):
        yield kit.make_small(tmp_path)


def client_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """The answers to requests that begin at the same barrier, each on a connection of its own."""
    barrier = threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            with clock.frozen(NOW), translation.override("en"):
                barrier.wait(20)
                found[place] = work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [one for one in found if one is not None]


def approval(client: Client, sheet: Sheet) -> tuple[str, dict[str, str]]:
    """Address and hidden fields of the form with which the sheet's page lets somebody approve."""
    text = b"".join(client.get(f"/filing/sheets/{sheet.pk}/")).decode()
    found = re.search(r'<form[^>]*id="approval-approve-\d+".*?</form>', text, re.DOTALL)
    assert found, text[:3000]
    address = re.search(r'action="([^"]+)"', found[0])
    assert address
    return address[1], dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0]))


@pytest.mark.parametrize("windows", ["one", "two"])
def test_a_sheet_submitted_twice_is_submitted_once(small: kit.Small, windows: str):
    """The same form sent twice by a slow line, and two windows of the same clerk."""
    sheet = kit.filled(small)
    keys = [uuid4().hex] * 2 if windows == "one" else [uuid4().hex, uuid4().hex]
    address = f"/filing/sheets/{sheet.pk}/submit/"
    clients = [client_of(small.clerk) for _key in keys]
    answers = at_once(
        *(lambda c=client, k=key: c.post(address, {"_key": k}) for client, key in zip(clients, keys, strict=True))
    )
    assert len(answers) == 2 and all(one.status_code in (302, 409, 422) for one in answers), answers
    assert [one.status_code for one in answers].count(302) >= 1
    assert (Sheet.objects.get().status, Revision.objects.count(), Case.objects.count()) == ("submitted", 1, 1)
    assert Batch.objects.count() == 1 and kit.states() == {1}
    again = clients[1].post(address, {"_key": uuid4().hex}, follow=True).content.decode()
    assert "cannot be submitted now: under approval" in again
    assert Revision.objects.count() == 1


def test_two_approvals_at_once_are_one_and_the_second_learns_who_was_faster(small: kit.Small):
    second = make_user("plant-reviewer-2", "P1", "reviewer")
    sheet = kit.filled(small)
    kit.submit(small, sheet)
    clients = [client_of(small.plant_reviewer), client_of(second)]
    forms = [approval(client, sheet) for client in clients]
    answers = at_once(*(lambda c=client, f=form: c.post(*f) for client, form in zip(clients, forms, strict=True)))
    assert sorted(one.status_code for one in answers) == [302, 422]
    refused = next(one for one in answers if one.status_code == 422).content.decode()
    decision = Decision.objects.get(action="approve")
    assert decision.decided_by_name in refused
    assert kit.states() == {2}
    assert Case.objects.get().step == 1


def test_what_has_just_changed_is_not_approved_and_the_approver_is_told(small: kit.Small):
    sheet = kit.filled(small)
    case = kit.submit(small, sheet)
    client = client_of(small.plant_reviewer)
    address, fields = approval(client, sheet)
    clerk = client_of(small.clerk)
    assert clerk.post(f"/filing/sheets/{sheet.pk}/recall/", {"_key": uuid4().hex, "words": "typo"}).status_code == 302
    kit.put(small, sheet, {("P1U1", "gen"): "11000"})
    assert clerk.post(f"/filing/sheets/{sheet.pk}/submit/", {"_key": uuid4().hex}).status_code == 302
    late = client.post(address, {**fields, "words": "looks right"})
    assert late.status_code == 422 and "looks right" in late.content.decode()
    assert not Decision.objects.filter(action="approve").exists()
    assert Fact.objects.get(organisation__code="P1U1", indicator__code="gen", superseded_by=None).value == 110000
    fresh, anew = approval(client, sheet)
    assert fresh != address  # the withdrawn case stays withdrawn; this is another one
    assert client.post(fresh, anew).status_code == 302
    assert Case.objects.get(pk=case.pk).state == "withdrawn" and kit.states() == {2}
