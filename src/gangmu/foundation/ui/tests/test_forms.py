"""Forms keep what was typed, name every fault, and count once."""

import threading

import pytest
from django import forms as django_forms
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.db import connection
from django.shortcuts import redirect
from django.test import RequestFactory

from gangmu.foundation.settings import clock
from gangmu.foundation.ui import once
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.models import Submission

GOOD = {"code": "P01", "name": "Plant", "day": "2026-11-20", "capacity": "660.5", "fuel": "coal", "kind": "plant"}


def test_a_faulty_form_comes_back_with_everything_that_was_typed(client, key):
    response = client.post("/ui/form/", {**GOOD, "capacity": "six", "note": "keep <this>", "_key": key})
    page = response.content.decode()
    assert response.status_code == 422
    for typed in ('value="P01"', 'value="six"', "keep &lt;this&gt;", 'value="2026-11-20"'):
        assert typed in page
    assert 'href="#id_capacity"' in page
    assert 'aria-describedby="id_capacity_help id_capacity_error"' in page
    assert 'aria-invalid="true"' in page


def test_a_form_may_be_corrected_and_sent_again_under_the_same_key(client, key):
    assert client.post("/ui/form/", {**GOOD, "capacity": "six", "_key": key}).status_code == 422
    assert client.post("/ui/form/", {**GOOD, "_key": key}).status_code == 302


def test_the_second_copy_of_a_form_does_nothing_twice(client, key):
    first = client.post("/ui/views/", {"page": "p", "name": "Mine", "query": "q=1", "next": "/ui/", "_key": key})
    client.post("/ui/views/", {"page": "p", "name": "Other", "next": "/ui/", "_key": key})
    assert first["Location"] == "/ui/"
    from gangmu.foundation.ui.models import SavedView

    assert list(SavedView.objects.values_list("name", flat=True)) == ["Mine"]


def test_the_second_copy_is_told_so(client, key):
    client.post("/ui/form/", {**GOOD, "_key": key})
    response = client.post("/ui/form/", {**GOOD, "_key": key})
    assert response.status_code == 302
    texts = [str(message) for message in get_messages(response.wsgi_request)]
    assert "This had already been saved; it was not done a second time." in texts


@pytest.mark.parametrize("bad", ["", "short", "x" * 65])
def test_a_form_without_a_key_is_refused(client, bad):
    response = client.post("/ui/form/", {**GOOD, "_key": bad})
    assert response.status_code == 400
    assert "no submission key" in response.content.decode()


def test_a_key_belongs_to_one_form(client, key):
    client.post("/ui/form/", {**GOOD, "_key": key})
    assert client.post("/ui/views/", {"page": "p", "name": "n", "_key": key}).status_code == 400


def test_the_same_key_of_another_user_is_another_form(another, client, key):
    data = {"page": "p", "name": "Mine", "_key": key}
    for one in (client, another):
        response = one.post("/ui/views/", data)
        assert [str(message) for message in get_messages(response.wsgi_request)] == ["The view “Mine” was saved."]


def test_a_view_that_fails_frees_its_key(user, key):
    calls = []

    @once.submit_once
    def view(request):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError
        return redirect("/done/")

    request = RequestFactory().post("/x/", {"_key": key})
    request.user = user
    with pytest.raises(RuntimeError):
        view(request)
    assert view(request)["Location"] == "/done/"


def test_two_copies_at_the_same_moment_are_done_once(committed, key):
    user = get_user_model().objects.create(username="wu", name="Wu")
    inside, done = threading.Event(), []

    @once.submit_once
    def view(request):
        inside.set()
        done.append(1)
        return redirect("/done/")

    def send(answers):
        request = RequestFactory().post("/x/", {"_key": key})
        request.user = get_user_model().objects.get(pk=user.pk)
        request._messages = Told()
        answers.append(view(request)["Location"])
        connection.close()

    answers = []
    threads = [threading.Thread(target=send, args=[answers]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [1]
    assert answers == ["/done/"] * 4


class Told:
    """Stands in for the message storage outside of a request."""

    def add(self, level, message, extra_tags=""):
        pass


def test_old_keys_are_forgotten_and_young_ones_kept(user):
    Submission.objects.create(user=user, key="old-key-1", path="/", received_at=clock.now() - once.KEPT_FOR * 2)
    Submission.objects.create(user=user, key="new-key-1", path="/")
    assert once.forget_old_submissions() == 1
    assert [one.key for one in Submission.objects.all()] == ["new-key-1"]


def test_a_field_that_hides_what_scripts_ask_of_its_form_is_refused():
    hiding = type("Hiding", (django_forms.Form,), {"submit": django_forms.BooleanField()})
    with pytest.raises(ValueError, match="Hiding has fields that hide the form's own: submit"):
        show_form(RequestFactory().get("/"), "ui/guide/form.html", hiding())
