"""The pages of grading as people use them: workbench, grading, matrices, gate, and what a stranger gets."""

import pytest
from django.test import Client
from django.urls import reverse

from gangmu.duties.grading.models import GoLive, Grading, MatrixCell

KEY = "a-key-of-a-page-"


@pytest.fixture
def browse(register_):
    """A browser in which one of the people has signed in; English."""

    def signed_in(name: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(register_.users[name])
        return client

    return signed_in


def post(client: Client, address: str, **fields):
    return client.post(address, {"_key": f"{KEY}{post.counter()}", **fields})


def _counter():
    numbers = iter(range(10_000))
    return lambda: next(numbers)


post.counter = _counter()  # type: ignore[attr-defined]


def text(response) -> str:
    return response.content.decode()


@pytest.mark.req("G-7")
def test_the_workbench_calculates_in_view_and_saves_nothing(register_, browse):
    system = register_.system("A")
    client, address = browse("asker"), reverse("grading:workbench", args=[system.pk, "hs-t-42"])
    page = text(client.get(address, {"realtime": "high", "sensitivity": "high", "dependency": "low"}))
    assert "house rule, not from the standard" in page
    assert "Grade 3" in page
    assert 'aria-current="true"' in page
    assert not Grading.objects.exists()
    assert "is given, and sensitivity too" in text(
        client.get(address, {"realtime": "high", "impact": "major", "sensitivity": "high"})
    )
    assert "Choose the factors" in text(client.get(address))


def test_a_grading_is_saved_submitted_and_shown(register_, browse):
    system = register_.system("A")
    client = browse("asker")
    answer = post(client, reverse("grading:workbench", args=[system.pk, "hs-t-42"]), realtime="high", impact="major")
    grading = Grading.objects.get()
    assert answer["Location"] == reverse("grading:grading", args=[grading.pk])
    assert "in preparation" in text(client.get(answer["Location"]))
    assert post(client, reverse("grading:submit", args=[grading.pk])).status_code == 302
    page = text(browse("business").get(answer["Location"]))
    assert "still to come" in page
    assert "Technical department in charge" in page
    refused = post(client, reverse("grading:workbench", args=[system.pk, "hs-t-42"]), realtime="low", impact="none")
    assert refused.status_code == 422
    assert "This grading is being confirmed" in text(refused)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_in_both_languages(register_, browse, language):
    system = register_.system("A")
    grading = register_.graded(system)
    client = browse("technical")
    client.cookies["gangmu_language"] = language
    for name, arguments in (
        ("systems", []), ("system", [system.pk]), ("golive", [system.pk]), ("grading", [grading.pk]),
        ("catalogue", [grading.pk]), ("matrix-edit", ["hs-t-42", "grade"]),
        *(("matrices", [slug]) for slug in ("hs-t-42", "jr-t-0133", "gb-t-22240")),
        *(("workbench", [system.pk, slug]) for slug in ("hs-t-42", "jr-t-0133", "gb-t-22240")),
    ):  # fmt: skip
        answer = client.get(reverse(f"grading:{name}", args=arguments), headers={"accept-language": language})
        assert answer.status_code == 200, name
    for query in ("grade=1", "grade=4", "status=in_force", "status=none", "export=csv"):
        assert client.get(reverse("grading:systems") + f"?{query}").status_code == 200


@pytest.mark.req("G-7")
def test_the_houses_matrix_is_changed_on_its_page_and_the_anchors_are_not_offered(register_, browse):
    client, address = browse("technical"), reverse("grading:matrix-edit", args=["hs-t-42", "grade"])
    page = text(client.get(address))
    assert 'name="cell-high-obvious"' in page
    assert 'name="cell-high-major"' not in page
    house = MatrixCell.objects.filter(scheme="HS/T-42", step="grade", source="house")
    fields = {f"cell-{one.row}-{one.column}": one.level for one in house}
    given = {"from_day": "2026-11-20", "reason": "trading does not wait", **fields}
    assert post(client, address, **given | {"cell-high-major": "5", "cell-high-obvious": "2"}).status_code == 302
    assert MatrixCell.objects.get(step="grade", row="high", column="major").level == "1"
    refused = post(client, address, **given | {"cell-high-obvious": "2", "cell-low-major": "1"})
    assert refused.status_code == 422
    assert "not monotone" in text(refused)
    page = text(client.get(reverse("grading:matrices", args=["hs-t-42"])))
    assert "trading does not wait" in page


def test_matrices_are_changed_at_the_top_alone(register_, browse):
    register_.person("below", "system_technical", "P1")
    address = reverse("grading:matrix-edit", args=["hs-t-42", "grade"])
    assert browse("below").get(address).status_code == 403
    assert browse("asker").get(address).status_code == 403


@pytest.mark.req("G-5")
def test_the_gate_says_what_is_missing_and_stays_closed(register_, browse):
    system = register_.system("A")
    client = browse("business")
    page = text(client.get(reverse("grading:golive", args=[system.pk])))
    assert "a confirmed service assurance grade" in page
    refused = post(client, reverse("grading:golive-submit", args=[system.pk]))
    assert refused.status_code == 422
    assert "Not yet: a confirmed service assurance grade." in text(refused)
    register_.graded(system)
    page = text(client.get(reverse("grading:golive", args=[system.pk])))
    assert "a file of the backup policy" in page
    assert "round-the-clock support by the business side" in page
    saved = post(client, reverse("grading:golive-save", args=[system.pk]), backup_policy="nightly", monitoring="CPU")
    assert saved.status_code == 302
    assert GoLive.objects.get().backup_policy == "nightly"


def test_a_stranger_sees_nothing_of_it(register_, browse):
    system = register_.system("A", "P1")
    grading = Grading(
        resource=system, organisation=system.organisation, scheme="HS/T-42", number=1, kind="first", factors={},
        calculation={}, result="1", source="printed", parties=["business"], asked_at="2026-11-20T00:00Z",
    )  # fmt: skip
    grading.save()
    register_.person("stranger", "system_business", "P2")
    client = browse("stranger")
    for name, arguments in (("system", [system.pk]), ("grading", [grading.pk]), ("golive", [system.pk])):
        assert client.get(reverse(f"grading:{name}", args=arguments)).status_code == 404
    assert post(client, reverse("grading:workbench", args=[system.pk, "hs-t-42"])).status_code == 404
