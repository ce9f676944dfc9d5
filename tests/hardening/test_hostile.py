"""What nobody would ask: at every address, in every field, header, path and cookie.

A 5xx is a failure, and so is an echo. `make test` asks a sample, `make prove` everything.
"""

import csv
import html
import io
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.test import Client
from django.utils import translation

from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.sites import SITES
from gangmu.foundation.ui import exports
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user, settle
from matrix.addresses import QUERIES, addresses, body
from matrix.people import make_people, make_role
from matrix.rows import make_rows
from matrix.test_files_and_jobs import FILES
from matrix.test_sites import NEARLY_EVERYTHING

pytestmark = pytest.mark.django_db

MARK = "<x9z onload=1>"
HOSTILE = {
    "a tag": f"\"'>{MARK}",
    "a script's end": f"</script></template>{MARK}",
    "a template": "{{ 7|add:1 }}{% debug %}${7*7}#{7*7}<%= 7*7 %>" + MARK,
    "SQL, a string's end": f"' OR 1=1; SELECT pg_sleep(9)--{MARK}",
    "SQL, a number": "1) OR (SELECT 1 FROM pg_sleep(9))=1 --",
    "SQL, a pattern": "%_\\",
    "a number out of range": "99999999999999999999999999",
    "a negative number": "-1",
    "half a character": "\ud800x".encode("utf-8", "surrogatepass"),
    "overlong UTF-8": b"\xc0\xaf\xe0\x80\xaf",
    "NUL": "a\0b",
    "line ends": f"a\r\nSet-Cookie: planted=1\r\n\r\n{MARK}",
    "a path": "../../../../etc/passwd",
    "very long": "9" * 20_000,
    "words of other directions": "\u202e\u2066\ufeff",
    "a date that is none": "2026-02-31",
    "a year beyond": "99999-12-31",
    "a list": "[]",
    "JSON": '{"$ne": null, "__proto__": {"a": 1}}',
}
# Names of fields besides those that stand in the page's own forms.
NAMES = sorted({pair.partition("=")[0] for query in QUERIES for pair in query.split("&")} | {"page", "per_page", "day"})
FIELD = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"')
ENDS = ("sign-out", "sessions/end")
EVERY = 1 if os.environ.get("GANGMU_PROVE") == "1" else 9
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def world(db: None, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    with clock.frozen("2026-11-20T07:30"), translation.override("en"):
        people = make_people(tmp_path)
        clerk = people.users["clerk"]
        assert clerk is not None
        rows = make_rows(clerk)
        settle()
        make_role("everything", "both", *NEARLY_EVERYTHING)
        yield make_user("everything", "G", "everything"), rows


def browser(user: Any = None) -> Client:
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user)
    return client


def fault_of(answer: Any) -> str:
    """What is wrong with an answer to something hostile; nothing when all is well."""
    if answer.status_code >= 500:
        return f"answers {answer.status_code}"
    told = body(answer)
    if answer.get("Content-Type", "").startswith("text/html") and MARK in told:
        return "echoes a tag"
    if "planted" in answer.cookies or any("\n" in value or "\r" in value for value in answer.headers.values()):
        return "lets a header be written"
    if "root:x:0" in told:
        return "shows a file"
    if (place := urlsplit(answer.get("Location", ""))) and place.netloc not in {"", "testserver"}:
        return f"leads to {place.netloc}"
    return ""


def encoded(names: list[str], value: str | bytes) -> str:
    return urlencode([(name, value) for name in names])


@pytest.mark.parametrize("site", SITES)
def test_hostile_values_in_every_field_of_every_address(world, site):
    user, rows = world
    faults = []
    with at_site(site), transaction.atomic():
        client = browser(user)
        places = [one for one in addresses(rows) if "?" not in one.path and not any(end in one.path for end in ENDS)]
        for number, place in enumerate(places):
            kinds = list(HOSTILE) if EVERY == 1 else [list(HOSTILE)[number // EVERY % len(HOSTILE)]]
            if number % EVERY:
                continue
            names = sorted({*NAMES, *FIELD.findall(body(client.get(place.path)))} - {"csrfmiddlewaretoken", "_key"})
            for kind in kinds:
                asked = encoded(names, HOSTILE[kind])
                form = f"{asked}&_key={uuid4().hex}"
                typed = "application/x-www-form-urlencoded"
                for method, answer in (
                    ("GET", client.get(f"{place.path}?{asked}")),
                    ("POST", client.post(place.path, form, content_type=typed)),
                ):
                    if fault := fault_of(answer):
                        faults.append(f"{method} {place.path} with {kind} {fault}")
        transaction.set_rollback(True)
    assert faults == []


@pytest.mark.parametrize("site", SITES)
def test_hostile_parameters_one_at_a_time(world, site):
    """A fault may hide behind another parameter that is refused first: each alone, on the addresses without a key."""
    user, rows = world
    faults = []
    kinds = list(HOSTILE) if EVERY == 1 else ["a tag", "a number out of range"]
    with at_site(site), transaction.atomic():
        client = browser(user)
        places = {one.path.partition("?")[0] for one in addresses(rows) if "?" in one.path}
        for number, path in enumerate(sorted(places)):
            for offset, name in enumerate(NAMES):
                if (number + offset) % (EVERY * EVERY if EVERY > 1 else 1):
                    continue
                for kind in kinds:
                    if fault := fault_of(client.get(f"{path}?{encoded([name], HOSTILE[kind])}")):
                        faults.append(f"{path} {name} with {kind} {fault}")
        transaction.set_rollback(True)
    assert faults == []


PATHS = (
    *("//", "//evil.example/", "/\\evil.example/", "/%2e%2e/%2e%2e/etc/passwd", "/..;/", "/static/../settings.py"),
    *("/static/%2e%2e/%2e%2e/settings.py", "/static/..%2f..%2fsettings.py", "/static/gangmu/../../settings.py"),
    *("/%00", "/sign-in/%00", "/sign-in/%0d%0aSet-Cookie:%20planted=1", "/%c0%af", "/%ff%fe", "/%u0041", "/%"),
    *("/organisations/of/%2e%2e/", "/organisations/of/" + "a" * 4000 + "/", "/documents/99999999999999999999/file/"),
    *("/documents/-1/file/", "/sign-in", "/SIGN-IN/", "/sign-in/.json", "/.git/config", "/.env", "/api/v1/docs"),
    "/api/v1/organisations?limit=-1&offset=99999999999999999999",
)
HEADERS = (
    {"host": "evil.example"},
    {"host": "testserver\r\nX-Planted: 1"},
    {"host": "testserver@evil.example"},
    {"x-http-method-override": "DELETE"},
    {"x-original-url": "/records/", "x-rewrite-url": "/records/"},
    {"x-forwarded-host": "evil.example"},
    {"content-type": "multipart/form-data"},
    {"content-type": "multipart/form-data; boundary=" + "x" * 300},
    {"content-type": "application/x-www-form-urlencoded; charset=utf-7"},
    {"content-type": "text/html; charset=nonsense"},
    {"accept-language": "a" * 10_000},
    {"accept-language": "../../etc"},
    {"hx-request": "true", "hx-current-url": "https://evil.example/"},
    {"hx-request": "true", "hx-current-url": "javascript:alert(1)", "hx-target": MARK, "hx-trigger": MARK},
    {"hx-boosted": "true", "hx-prompt": "%0d%0aX: 1", "hx-prompt-uri-autoencoded": "true"},
    {"if-modified-since": "x" * 1000, "if-none-match": '"' * 500},
    {"range": "bytes=-99999999999999999999"},
    {"cookie": "a" * 9000},
    {"cookie": "gangmu_business=\x00; ;;;=; =x"},
    {"authorization": "Bearer " + "é" * 100},
    {"referer": "https://evil.example/"},
)


@pytest.mark.parametrize("site", SITES)
def test_tricks_with_paths(world, site):
    user, _rows = world
    with at_site(site):
        for client in (browser(), browser(user)):
            for path in PATHS:
                for method in ("get", "post", "options", "put", "delete", "head"):
                    answer = getattr(client, method)(path)
                    assert not fault_of(answer), (method, path)
                    assert answer.status_code != 200 or path.startswith("//") or "sign-in" in path or "api" in path, (
                        path
                    )


@pytest.mark.parametrize("site", SITES)
def test_tricks_with_headers(world, site):
    user, _rows = world
    with at_site(site):
        for client in (browser(), browser(user)):
            for headers in HEADERS:
                meta: dict[str, Any] = {
                    f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()
                }
                if kind := headers.get("content-type"):
                    meta = {"CONTENT_TYPE": kind}
                for method in ("GET", "POST"):
                    for path in ("/", "/organisations/", "/sign-in/"):
                        answer = client.generic(method, path, b"a=1&a=2&=&&%00", **meta)
                        assert not fault_of(answer), (headers, method, path)
                        assert "evil.example" not in body(answer), (headers, path)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b"{" * 100_000),
        ("application/json", b'{"a": ' * 5000),
        ("application/json", b"\xff\xfe"),
        ("application/json", b"[1e999999]"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(5000))),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * (6 << 20)),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="../../x"\r\n\r\nx\r\n--b--\r\n',
        ),
        ("multipart/form-data; boundary=b", b"--b\r\n" * 20_000),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n%%%\r\n--b--\r\n",
        ),
        ("text/xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:20]),
)
def test_bodies_that_are_none(world, kind, content):
    user, rows = world
    with transaction.atomic():
        client = browser(user)
        places = [one for one in addresses(rows) if "?" not in one.path and not any(end in one.path for end in ENDS)]
        for place in places[:: 4 * EVERY]:
            answer = client.generic("POST", place.path, content, content_type=kind)
            assert not fault_of(answer), place
        transaction.set_rollback(True)


ELSEWHERE = (
    *("https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "///evil.example"),
    *(
        "javascript:alert(1)",
        "https:evil.example",
        " https://evil.example",
        "/\t/evil.example",
        "http://testserver@evil.example/",
    ),
)


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("site", SITES)
def test_nothing_leads_elsewhere(world, site, address):
    user, _rows = world
    with at_site(site):
        stranger, known = browser(), browser(user)
        page = stranger.get("/sign-in/", {"next": address}).content.decode()
        assert f'value="{html.escape(address)}"' not in page
        answers = [
            known.get("/sign-in/", {"next": address}),
            known.post("/ui/language/", {"language": "en", "next": address}),
        ]
        answers += [
            known.post("/ui/theme/", {"theme": "dark", "next": address}),
            known.post("/account/prove/", {"next": address}),
        ]
        for answer in answers:
            assert not fault_of(answer)
            assert "evil.example" not in answer.get("Location", "") + answer.get("HX-Redirect", "")
            assert not answer.get("Location", "").startswith(("javascript", "//", "/\\"))


# Cookies and tokens ---------------------------------------------------------------------------------------------------


def forgeries(key: str) -> list[str]:
    other = signing.dumps({"_auth_user_id": "1"}, key="another key", salt="gangmu.sessions.business")
    return [
        key[:-1],
        key + "a",
        key.upper(),
        key[::-1],
        "a" * 32,
        "0",
        "",
        "x" * 4000,
        other,
        f'"{key}"x',
        "\x00" * 32,
        "'--",
    ]


@pytest.mark.parametrize("site", SITES)
def test_a_forged_session_is_nobodys(world, site):
    user, _rows = world
    with at_site(site):
        client = browser(user)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        assert client.get("/account/").status_code == 200
        for forged in forgeries(key):
            stranger = browser()
            stranger.cookies[settings.SESSION_COOKIE_NAME] = forged
            answer = stranger.get("/account/")
            assert (answer.status_code, urlsplit(answer.get("Location", "")).path) == (302, "/sign-in/"), forged


@pytest.mark.parametrize("site", SITES)
def test_cookies_of_looks_hold_nothing_but_known_words(world, site):
    user, _rows = world
    with at_site(site):
        for name in (settings.LANGUAGE_COOKIE_NAME, settings.THEME_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
            for value in ('"><x9z onload=1>', "../../x", "a" * 4000, "\x00", "zz", "{{7*7}}"):
                client = browser(user)
                client.cookies[name] = value
                answer = client.get("/account/")
                assert not fault_of(answer), (name, value)
                assert answer.status_code == 200


def test_a_condition_in_SQL_signs_nobody_in(world):
    """True or false, the answer is the same; attempts, which change it by themselves, are forgotten in between."""
    from gangmu.foundation.accounts import throttle

    said = set()
    for condition in ("29=29", "29=30", "(SELECT 1 FROM pg_sleep(0))=1"):
        throttle.forget_all()
        form = {"username": f"everything' AND {condition} AND '73'='73", "password": "x"}
        answer = browser().post("/sign-in/", form)
        assert not answer.cookies.get(settings.SESSION_COOKIE_NAME)
        said.add((answer.status_code, "is not right" in answer.content.decode(), "captcha" in answer.content.decode()))
    assert len(said) == 1


def test_a_form_without_its_token_changes_nothing(world):
    user, rows = world
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user)
    with transaction.atomic():
        wrong = [
            place.path
            for place in addresses(rows)
            if "?" not in place.path
            and client.post(place.path, {"csrfmiddlewaretoken": "a" * 64}).status_code not in {403, 405}
        ]
        transaction.set_rollback(True)
    assert wrong == []


# Headers and cookies of every answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_every_answer_has_the_safe_headers(world, site, monkeypatch):
    user, rows = world
    with at_site(site, HTTPS=True, SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True, SECURE_HSTS_SECONDS=31536000):
        client = Client(raise_request_exception=False)
        client.force_login(user)
        places = [one.path for one in addresses(rows) if "?" not in one.path and "sign-out" not in one.path][::EVERY]
        places += ["/static/gangmu/icon.svg", "/static/none.css", "/nowhere/", "/%00", "//", "/ui/language/"]
        with transaction.atomic():
            for path in places:
                for answer in (client.get(path, secure=True), browser().get(path, secure=True)):
                    assert {name: answer.get(name) for name in SAFE_HEADERS} == SAFE_HEADERS, path
                    policy = answer.get("Content-Security-Policy", "")
                    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, path
                    assert "unsafe" not in policy and "*" not in policy, path
                    assert answer.get("Strict-Transport-Security", "").startswith("max-age=31536000"), path
                    assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
                    for name, cookie in answer.cookies.items():
                        if name in {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}:
                            assert cookie["secure"] and cookie["samesite"] == "Lax", (path, name)
                        if name == settings.SESSION_COOKIE_NAME and cookie.value:
                            assert cookie["httponly"], path
            transaction.set_rollback(True)


def test_refusals_before_any_page_have_the_safe_headers(settings):
    from gangmu.shell.sites.networks import read_networks

    settings.TRUSTED_PROXIES = read_networks("127.0.0.1", "x")
    bad = Client().get("/", headers={"x-forwarded-for": "nonsense"})
    settings.SECURE_SSL_REDIRECT = True
    plain = Client().get("/")
    settings.SECURE_SSL_REDIRECT = False
    host = Client(raise_request_exception=False).get("/", headers={"host": "evil.example"})
    assert [answer.status_code for answer in (bad, plain, host)] == [400, 421, 400]
    for answer in (bad, plain, host):
        assert {name: answer.get(name) for name in SAFE_HEADERS} == SAFE_HEADERS
        assert "Content-Security-Policy" in answer.headers


# Files that are taken home --------------------------------------------------------------------------------------------

FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", '=HYPERLINK("https://evil.example")', "＝1+1")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_list_that_is_taken_home_holds_a_formula(world, kind):
    user, _rows = world
    for formula, place in zip(FORMULAS * 2, Organisation.objects.all(), strict=False):
        Organisation.objects.filter(pk=place.pk).update(name_zh=formula, name_en=formula)
    clerk = browser(user)
    for site, files in FILES.items():
        with at_site(site):
            clerk = browser(user)
            for path in files:
                answer = clerk.get(path, {"export": kind})
                if answer.status_code == 200:
                    assert formulas_in(b"".join(answer.streaming_content), kind) == [], path


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_one_writer_of_lists_lets_no_formula_through(formula, kind):
    target = io.BytesIO()
    writer = exports.write_csv if kind == "csv" else exports.write_xlsx
    writer(target, [[formula, 1, formula]], [formula, "number", "text"])
    assert formulas_in(target.getvalue(), kind) == []


def formulas_in(content: bytes, kind: str) -> list[str]:
    """Cells that a spreadsheet would work out. In a workbook text is text; in CSV what a cell begins with decides."""
    if kind == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets = [archive.read(name).decode() for name in archive.namelist() if "/worksheets/" in name]
        return [found for sheet in sheets for found in re.findall(r"<f>.*?</f>|<hyperlink .*?>", sheet)]
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [cell for row in rows for cell in row if re.match(r"[\t\r\n]|\s*[=+@]|\s*-(?!\d+(\.\d+)?$)", cell)]
