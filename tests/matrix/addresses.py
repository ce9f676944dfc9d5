"""Every address of a site and every operation of the API, with the rows of the matrix put into their parameters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import uuid4

from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from matrix.reading import WHATEVER, parameters_read


@dataclass(frozen=True)
class Address:
    """One place to try: its name and path."""

    name: str
    path: str


# What an address may be asked with: a file, a search, an organisation, a day after the move.
QUERIES = (
    "export=csv",
    "export=xlsx",
    "q=P1",
    "q=Alpha",
    "search=Alpha&on=2026-07-01",
    "on=2026-05-01",
    "top=P1",
    "day=2026-07-01&since=2026-05-01",
    "day=2026-05-01",
    "organisation=P1&indicator=matrix&period=2026-05-31",
    "organisation=R2&indicator=matrix&period=2026-06&by=children&structure=now",
    "organisation=P1&indicator=matrix_curve&day=2026-06-01&compare=2026-05-31",
    "organisation=P1&period=2026-06-01&edition=1&from=1&kind=xlsx&language=en",
    "period=2026-06-01&form=matrix_daily",
    "period=2026-05-31&status=chased&form=matrix_daily",
    "next=/organisations/of/P1/",
    "person=matrix-clerk&day=2026-07-01&other=2026-05-01",
    "person=matrix-clerk&address=/organisations/of/P1/&organisation=P1",
    "one=clerk&other=marked",
    "col=because&state=now",
    "sort=-name&sort=organisation&sort=code&per_page=200&page=1&col=organisation&col=parent",
)


def keys(rows: dict[str, dict[str, list[Any]]]) -> dict[tuple[str, str], list[Any]]:
    """(namespace, parameter) → what to put there. A page with a new parameter joins by a line here."""

    def first(label: str) -> list[Any]:
        return [pk for made in rows.get(label, {}).values() for pk in made[:2]]

    return {
        ("approvals", "pk"): first("approvals.Case") + first("approvals.Leave"),
        ("approvals", "request_id"): first("approvals.SigningRequest"),
        ("approvals", "signature"): first("approvals.Signature"),
        ("approvals", "action"): ["approve", "return", "answer", "remind"],
        ("filing", "pk"): [
            pk
            for name in ("filing.Sheet", "filing.Correction", "filing.Duty", "filing.MonthClosing", "jobs.Job")
            for pk in first(name)
        ],
        ("curves", "pk"): first("jobs.Job"),
        ("filing", "file"): first("filing.CorrectionFile"),
        ("filing", "code"): ["matrix_daily"],
        ("people", "pk"): first("accounts.User"),
        ("people", "verb"): ["disable", "enable", "unlock", "reset", "forget-factors", "end-sessions"],
        ("people", "session"): first("accounts.SignIn"),
        ("people", "certificate"): first("accounts.Certificate"),
        ("people", "intake"): first("people.Intake"),
        ("people", "kind"): ["csv"],
        ("organisations", "code"): ["P1", "P1U1"],
        ("accounts", "code"): ["group"],
        ("changes", "code"): ["P1"],
        ("changes", "verb"): ["move", "split"],
        ("changes", "pk"): first("parties.Change") + first("organisations.Draft"),
        ("grading", "pk"): first("grading.Grading"),
        ("grading", "system"): first("resources.Resource"),
        ("grading", "slug"): ["hs-t-42"],
        ("grading", "step"): ["grade"],
        ("grading", "kind"): ["pdf"],
        ("grading", "language"): ["zh"],
        ("grading", "file"): first("grading.GoLiveFile"),
        ("formulas", "code"): ["matrix"],
        ("boards", "code"): ["P1", "R2"],
        ("scopes", "code"): ["equity"],
        ("publications", "pk"): first("publications.Publication"),
        ("pivots", "pk"): first("pivots.Pivot"),
        ("ui", "pk"): first("ui.SavedView") + first("jobs.Job"),
        ("ui", "kind"): ["not-found"],
        ("ui", "done"): [1],
        ("notices", "pk"): first("notices.Notice"),
        ("documents", "pk"): first("documents.Document"),
        ("reports", "code"): ["power_daily"],
        ("designs", "code"): ["power_day"],
        ("power", "pk"): first("power.UnitEvent"),
        ("norms", "pk"): first("norms.Baseline"),
        ("norms", "slug"): ["jr-t-0133-2015"],
        ("norms", "key"): ["5.1.1-a"],
        ("resources", "pk"): first("resources.Resource"),
        ("resources", "dependency"): first("resources.Dependency"),
        ("resources", "intake"): first("resources.Intake"),
        ("roles", "pk"): first("access.Assignment") + first("access.ReviewPart") + [1],
        ("records", "pk"): first("records.Event") + first("records.History") + first("records.Alarm"),
        ("records", "user"): first("accounts.User"),
        ("records", "code"): ["matrix"],
        ("records", "name"): ["matrix"],
        ("records", "label"): ["parties.organisation"],
        ("records", "model"): ["parties.organisation"],
        ("records", "row"): first("parties.Organisation"),
    }


def patterns() -> Iterator[tuple[str, tuple[str, ...]]]:
    """(full name, parameters) of every named address of the site of the test."""

    def walk(resolver: URLResolver, namespaces: tuple[str, ...], outer: tuple[str, ...]) -> Iterator[tuple]:
        for entry in resolver.url_patterns:
            parameters = (*outer, *entry.pattern.converters)
            if isinstance(entry, URLResolver):
                inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
                yield from walk(entry, inner, parameters)
            elif isinstance(entry, URLPattern):
                if not entry.name:
                    raise LookupError(f"{entry.pattern} has no name; the matrix cannot try it")
                yield ":".join((*namespaces, entry.name)), parameters

    yield from walk(get_resolver(), (), ())


def addresses(rows: dict[str, dict[str, list[Any]]]) -> list[Address]:
    """Every address with every key.

    Raises:
        LookupError: an address has a parameter that nobody has told the matrix how to fill.
    """
    known = keys(rows)
    found = []
    for name, parameters in patterns():
        namespace = name.rpartition(":")[0]
        fillings: list[dict[str, Any]] = [{}]
        for parameter in parameters:
            values = known.get((namespace, parameter))
            if not values:
                raise LookupError(f"{name} takes {parameter}: say in tests/matrix/addresses.py what to put there")
            fillings = [{**filling, parameter: value} for filling in fillings for value in values]
        found += [Address(name, reverse(name, kwargs=filling)) for filling in fillings]
    for address in list(found):
        if address.path == reverse_bare(address.name) or address.name.startswith("organisations:"):
            found += [Address(f"{address.name} asked", f"{address.path}?{query}") for query in QUERIES]
    return list({address.path: address for address in found}.values())  # rows of several tables share their numbers


def reverse_bare(name: str) -> str | None:
    """The path of an address without parameters."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def operations(schema: dict[str, Any]) -> list[tuple[str, str]]:
    """(method, path) of every API operation in the OpenAPI document; parameters are filled with P1."""
    found = []
    for path, item in schema["paths"].items():
        for method in item:
            filled = "/".join("P1" if part.startswith("{") else part for part in path.split("/"))
            found.append((method, filled))
    return found


def body(response: HttpResponseBase) -> str:
    """Everything that the answer says, streams read to their end and workbooks unpacked."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        import io
        import zipfile

        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    return content.decode("utf-8", "replace") + str(response.headers)


def answers(client: Client, places: list[Address], *, posting: bool = True) -> Iterator[tuple[str, str]]:
    """(what was tried, what came back) for GET of every address, and, when `posting`, POST of those without a query.

    A page is asked with the queries of which it reads something; what it reads then may call for further ones.
    """
    queries: dict[str, list[Address]] = {}
    for place in places:
        if "?" in place.path:
            queries.setdefault(place.path.partition("?")[0], []).append(place)
    with parameters_read() as read:
        for place in places:
            if "?" in place.path:
                continue
            read.clear()
            yield f"GET {place.path}", body(client.get(place.path))
            left = queries.pop(place.path, [])
            while wanted := [one for one in left if read & {WHATEVER, *parse_qs(one.path.partition("?")[2])}]:
                left = [one for one in left if one not in wanted]
                for one in wanted:
                    yield f"GET {one.path}", body(client.get(one.path))
            if posting and place.name != "accounts:sign-out":
                yield f"POST {place.path}", body(client.post(place.path, {"next": "/", "_key": uuid4().hex}))
    assert not queries, f"asked with a query alone: {list(queries)}"


def asked_whole(client: Client, places: list[Address]) -> Iterator[str]:
    """Every page that reads parameters, with all of them at once; those that give files without asking for one too.

    Of pages that differ by the row alone, one.
    """
    values = {name: found[0] for query in reversed(QUERIES) for name, found in parse_qs(query).items()}
    seen = set()
    with parameters_read() as read:
        for place in places:
            shape = re.sub(r"\d+", "0", place.path)
            if "?" in place.path or shape in seen:
                continue
            seen.add(shape)
            read.clear()
            client.get(place.path)
            known: set[str] = set()
            while read - known:
                known = set(read)
                client.get(place.path, {name: values.get(name, "1") for name in known})
            names = sorted(known - {WHATEVER})
            for left_out in ("export", "") if "export" in names else ("",) if names else ():
                query = {name: values.get(name, "1") for name in names if name != left_out}
                yield f"{place.path}?{urlencode(query)}"
