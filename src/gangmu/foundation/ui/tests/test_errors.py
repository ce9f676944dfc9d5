"""Error pages say what happened, why and what to do; to htmx they are messages that leave the page alone."""

import json
import re

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client, RequestFactory

from gangmu.foundation.settings.notnow import NotNow
from gangmu.foundation.ui import errors
from gangmu.foundation.ui.middleware import PageMiddleware
from gangmu.foundation.ui.tests.conftest import signed_in

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lenient(user, settings):
    settings.DEMONSTRATION = True
    client = signed_in(user, raise_request_exception=False)
    return client


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 500])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_error_explains_itself_and_has_a_number(lenient, status, language):
    lenient.cookies["gangmu_language"] = language
    response = lenient.get(f"/ui/errors/{status}/")
    assert response.status_code == status
    page = response.content.decode()
    from django.utils.html import escape
    from django.utils.translation import override

    with override(language):
        words = errors.EXPLANATIONS[str(status)]
        for text in (words.what, words.why, words.do):
            assert escape(str(text)) in page
    assert re.search(r"<code>[0-9A-F]{4}-[0-9A-F]{4}</code>", page)


def test_the_log_and_the_page_name_the_same_number(lenient, caplog):
    response = lenient.get("/ui/errors/500/")
    (number,) = re.findall(r"<code>([0-9A-F]{4}-[0-9A-F]{4})</code>", response.content.decode())
    assert any(number in record.getMessage() and record.exc_info for record in caplog.records)


@pytest.mark.parametrize("lost", [OperationalError, InterfaceError])
def test_a_lost_database_is_no_promise_that_nothing_was_saved(rf, lost, django_assert_num_queries):
    with django_assert_num_queries(0):
        try:
            raise lost("server closed the connection unexpectedly")
        except lost:
            response = errors.server_error(rf.post("/x/"))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "Nothing was saved" not in response.content.decode()


@pytest.mark.parametrize(
    ("path", "told"), [("/home/", "The figures are being made."), ("/api/x", '"error": "not_now"')]
)
def test_what_is_being_made_is_asked_for_again(rf, path, told):
    try:
        raise NotNow("The figures are being made.")
    except NotNow:
        response = errors.server_error(rf.get(path))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert told in response.content.decode()


def test_an_error_page_asks_the_database_nothing(rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert errors.server_error(rf.get("/x/")).status_code == 500
        assert errors.not_found(rf.get("/x/")).status_code == 404


@pytest.mark.parametrize("kind", ["400", "404", "500"])
def test_to_htmx_an_error_is_a_message_in_the_corner(lenient, kind):
    response = lenient.get(f"/ui/errors/{kind}/", headers=HTMX)
    assert response.status_code == int(kind)
    assert response["HX-Retarget"] == "#toasts" and response["HX-Reswap"] == "beforeend"
    assert "<html" not in response.content.decode()


def test_a_get_where_only_forms_go_is_explained(client):
    response = client.get("/ui/theme/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "does not take that kind of request" in response.content.decode()


def test_a_body_over_the_limit_is_too_large(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = client.post("/ui/form/", {"note": "x" * 500})
    assert response.status_code == 413
    assert "too large" in response.content.decode()


@pytest.fixture
def strict(user, settings):
    settings.DEMONSTRATION = True
    return signed_in(user, enforce_csrf_checks=True)


def test_a_form_without_its_mark_is_refused_in_words(strict):
    response = strict.post("/ui/form/", {"code": "x"})
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()


def test_our_own_script_gets_a_fresh_mark_that_works(strict, key):
    response = strict.post("/ui/form/", {"code": "x", "_key": key}, headers=HTMX)
    assert response.status_code == 403
    token = json.loads(response["HX-Trigger"])["gangmu:token"]["token"]
    again = strict.post("/ui/form/", {"code": "x", "_key": key}, headers={**HTMX, "X-CSRFToken": token})
    assert again.status_code == 422


def test_a_form_sent_after_the_session_ended_keeps_the_page(db):
    response = Client().post("/ui/views/", {"name": "x"}, headers=HTMX)
    assert response.status_code == 401
    assert response["HX-Retarget"] == "#toasts"
    assert 'target="_blank"' in response.content.decode()


def test_a_page_asked_for_after_the_session_ended_goes_to_the_sign_in(db):
    here = {**HTMX, "HX-Current-URL": "http://testserver/ui/jobs/7/?x=1"}
    response = Client().get("/ui/jobs/7/progress/", headers=here)
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/sign-in/?next=/ui/jobs/7/%3Fx%3D1"
    elsewhere = {**HTMX, "HX-Current-URL": "http://elsewhere.example/"}
    response = Client().get("/ui/jobs/7/progress/", headers=elsewhere)
    assert response["HX-Redirect"] == "/sign-in/?next=/ui/jobs/7/progress/"


def test_a_redirect_becomes_an_instruction_for_htmx_and_keeps_its_cookies():
    from django.shortcuts import redirect

    def view(request):
        response = redirect("/there/")
        response.set_cookie("a", "b")
        return response

    request = RequestFactory().post("/here/", headers=HTMX)
    response = PageMiddleware(view)(request)
    assert (response.status_code, response["HX-Redirect"]) == (204, "/there/")
    assert response.cookies["a"].value == "b"
    plain = PageMiddleware(view)(RequestFactory().post("/here/"))
    assert plain.status_code == 302


def test_words_for_developers_do_not_reach_the_page(rf):
    from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation

    secret = "internal detail"
    assert secret not in errors.bad_request(rf.get("/"), SuspiciousOperation(secret)).content.decode()
    assert secret in errors.bad_request(rf.get("/"), BadRequest(secret)).content.decode()
    assert secret not in errors.not_found(rf.get("/"), PermissionDenied(secret)).content.decode()
