"""Changing organisations at the back office: ask, look, make; who may; what is refused, and recorded as refused."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.tests.conftest import make_indicators
from gangmu.figures.filing.importing import load_facts
from gangmu.foundation.access.models import Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties import services
from gangmu.foundation.parties.models import AttributeValue, Change, Organisation, Placement, Succession
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.organisations.models import Draft
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user, make_world, settle

BASE = "/organisations/change"


def one(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def stands_under(code: str, day: date) -> str | None:
    row = Placement.objects.filter(child__code=code, valid__contains=day).select_related("parent").first()
    return str(row.parent.code) if row and row.parent else None


class Browser:
    """A person at the back office who has just proved who they are."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client(headers={"accept-language": "en"})
        self.client.force_login(user)
        self.prove()

    def prove(self, at: str | None = None) -> None:
        session = self.client.session
        session["proved_at"] = at or clock.now().isoformat()
        session.save()

    def get(self, path: str) -> tuple[int, str]:
        answer = self.client.get(path if path.startswith("/") else f"{BASE}/{path}")
        return answer.status_code, answer.content.decode() if not answer.streaming else ""

    def post(self, path: str, **given: Any) -> Any:
        address = path if path.startswith("/") else f"{BASE}/{path}"
        return self.client.post(address, {"_key": uuid4().hex, **given})

    def prepared(self, path: str, **given: Any) -> str:
        """What is asked for becomes a draft; the address of its preview."""
        answer = self.post(path, reason="because", **given)
        assert answer.status_code == 302, answer.content.decode()
        return answer["Location"]

    def made(self, preview: str, **ticks: Any) -> Change:
        """The prepared change, made."""
        answer = self.post(preview, seen=seen(self.get(preview)[1]), **ticks)
        assert answer.status_code == 302, answer.content.decode()
        return Change.objects.latest("id")


def seen(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


@pytest.fixture
def office(db, tmp_path) -> Iterator[Callable[..., Browser]]:
    with clock.frozen("2026-11-20T07:30+08:00"), at_site("office"):
        make_world(tmp_path)

        def come_in(place: str = "G", *permissions: str) -> Browser:
            code = "-".join(permissions or ("structure",)).replace(":", "-").replace(",", "-").replace("*", "all")
            if not Role.objects.filter(code=code).exists():
                Role.objects.create(code=code, name_zh=code, name_en=code, site="office",
                                    permissions=list(permissions or ("parties:view,structure",)))  # fmt: skip
            return Browser(make_user(f"person-{User.objects.count()}", place, code))

        yield come_in


PARTS = {"code_1": "A", "zh_1": "甲", "code_2": "B", "zh_2": "乙"}
MOVE = {"to": "R1", "from_date": "2026-12-01"}


def test_a_move_is_asked_for_looked_at_and_made(office):
    person = office()
    status, page = person.get("of/P1/")
    assert status == 200 and f"{BASE}/of/P1/move/" in page and "Open again" not in page
    preview = person.prepared("of/P1/move/", **MOVE)
    assert not Change.objects.exists() and stands_under("P1", date(2026, 12, 1)) == "R2"
    status, page = person.get(preview)
    assert status == 200
    for text in (
        "Plant Alpha moves to East Company",
        "West Company · from 2026-06-01",
        "East Company · from 2026-12-01",
    ):
        assert text in page
    change = person.made(preview)
    assert stands_under("P1", date(2026, 12, 1)) == "R1"
    assert stands_under("P1", date(2026, 11, 30)) == "R2"
    assert (change.reason, change.state_on(clock.today())) == ("because", "planned")
    assert not Draft.objects.exists()
    event = Event.objects.get(kind="parties.move")
    assert (event.by_id, event.ip) == (change.made_by_id, "127.0.0.1")
    status, page = person.get(f"{change.pk}/")
    assert "planned" in page and f"{BASE}/{change.pk}/withdraw/" in page
    assert "Plant Alpha moves to East Company" in person.get("")[1]
    for address in ("/organisations/", "/organisations/of/P1/"):  # marked in the tree and on its page
        assert "2026-12-01" in person.get(address)[1] and "Planned" in person.get(address)[1]


def test_each_verb_has_its_pages(office):
    person = office()
    made = person.made(person.prepared(
        "of/R1/create/", code="P9", kind="plant", name_zh="九厂", name_en="Nine", from_date="2026-11-20", last_day=""
    ))  # fmt: skip
    assert stands_under("P9", clock.today()) == "R1" and made.verb == "create"
    person.made(person.prepared("of/P9/rename/", name_zh="九号电厂", name_en="Plant Nine"))
    assert one("P9").name_zh == "九号电厂"
    assert f"{BASE}/of/P9/split/" in person.get("of/P9/")[1]
    person.made(person.prepared("of/P2/merge/", siblings=["P9"], others="", into="new", other="", code="P29",
                                name_zh="合并厂", name_en="Both", from_date="2026-12-01"))  # fmt: skip
    assert stands_under("P2U1", date(2026, 12, 1)) == "P29"
    assert Succession.objects.filter(successor__code="P29").count() == 2
    page = person.get("/organisations/of/P2/")[1]
    assert "Succeeded by" in page and "Both" in page and "leaves the tree after 2026-11-30" in page
    child, other = (f"child_{one(code).pk}" for code in ("P1U1", "P1U2"))
    person.made(person.prepared(
        "of/P1/split/", code_1="P1A", zh_1="一期", en_1="", code_2="P1B", zh_2="二期", en_2="", from_date="2026-12-01",
        **{child: "1", other: "2"},
    ))  # fmt: skip
    assert (stands_under("P1U1", date(2026, 12, 1)), stands_under("P1U2", date(2026, 12, 1))) == ("P1A", "P1B")
    person.made(person.prepared("of/P3/close/", last_day="2026-11-19", below="on"))
    assert stands_under("P3", clock.today()) is None
    page = person.get("of/P3/")[1]
    assert f"{BASE}/of/P3/reopen/" in page and f"{BASE}/of/P3/move/" not in page
    person.made(person.prepared("of/P3/reopen/", from_date="2026-11-20", parent="East Company", values="on"))
    assert stands_under("P3", clock.today()) == "R1"


@pytest.mark.parametrize(
    ("path", "given", "said"),
    [
        ("of/P1/move/", {"to": "P1U1", "from_date": "2026-12-01"}, "would stand below itself"),
        ("of/P1/move/", {"to": "Nowhere", "from_date": "2026-12-01"}, "Not found, or more than one of that name"),
        ("of/P1/move/", {"to": "R1", "from_date": "2019-12-01"}, "P1 is not in the tree on 2019-12-01"),
        ("of/P1/move/", {"to": "R2", "from_date": "2026-12-01"}, "Everything is already so"),
        ("of/P1/move/", {"to": "R1", "from_date": "tomorrow"}, "Enter a valid date"),
        ("of/P1/move/", {"to": "R1", "from_date": "2026-12-01", "reason": " "}, "This field is required"),
        ("of/R1/close/", {"last_day": "2026-12-31"}, "would lose its parent R1"),
        ("of/R1/create/", {"code": "P1", "kind": "plant", "name_en": "x", "from_date": "2026-12-01"}, "Alpha already"),
        ("of/R1/create/", {"code": "P 9", "kind": "plant", "name_en": "x", "from_date": "2026-12-01"}, "is not a code"),
        ("of/P1/merge/", {"into": "one", "from_date": "2026-12-01"}, "at least two"),
        ("of/P1/merge/", {"siblings": ["P3"], "into": "new", "from_date": "2026-12-01"}, "Say which"),
        ("of/P1/split/", {**PARTS, "from_date": "2026-12-01"}, "Left over"),
        ("of/P1/split/", {"code_1": "A", "from_date": "2026-12-01"}, "needs a Chinese or an English name"),
        ("of/P1/rename/", {"name_zh": "", "name_en": ""}, "needs a Chinese or an English name"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_on_the_form(office, path, given, said):
    person = office()
    answer = person.post(path, **{"reason": "because", **given})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Draft.objects.exists() and not Change.objects.exists()


def test_two_people_at_once_the_second_looks_again(office):
    first, second = office(), office()
    preview = first.prepared("of/P1/move/", **MOVE)
    looked = seen(first.get(preview)[1])
    second.made(second.prepared("of/P1/move/", to="G", from_date="2026-11-25"))
    answer = first.post(preview, seen=looked)
    assert answer.status_code == 200
    assert "Somebody has changed these organisations since you looked" in answer.content.decode()
    assert stands_under("P1", date(2026, 12, 1)) == "G"
    refusal = Event.objects.get(kind="parties.change-refused", by=first.user)
    assert refusal.refused and "since you looked" in refusal.data["why"]
    first.made(preview)
    assert stands_under("P1", date(2026, 12, 1)) == "R1"


def test_without_a_fresh_proof_nothing_is_made_and_one_comes_back(office):
    person = office()
    preview = person.prepared("of/P1/move/", **MOVE)
    looked = seen(person.get(preview)[1])
    person.prove("2026-11-20T07:10+08:00")
    assert "Show once more who you are" in person.get(preview)[1]
    answer = person.post(preview, seen=looked)
    assert answer.status_code == 302 and answer["Location"].endswith(preview.replace("/", "%2F"))
    assert not Change.objects.exists()
    person.prove()
    change = person.made(preview)
    person.prove("2026-11-20T07:10+08:00")
    assert person.post(f"{change.pk}/withdraw/", reason="x").status_code == 302
    assert Change.objects.get().withdrawn_at is None


def test_a_planned_change_is_withdrawn_with_a_reason_and_one_in_force_is_not(office):
    person = office()
    change = person.made(person.prepared("of/P1/move/", **MOVE))
    assert person.post(f"{change.pk}/withdraw/", reason="").status_code == 422
    assert person.post(f"{change.pk}/withdraw/", reason="postponed").status_code == 302
    assert stands_under("P1", date(2026, 12, 1)) == "R2"
    page = person.get(f"{change.pk}/")[1]
    assert "withdrawn" in page and "postponed" in page
    assert Event.objects.filter(kind="parties.change-withdrawn").count() == 1
    done = person.made(person.prepared("of/P1/move/", to="R1", from_date="2026-11-20"))
    assert "in force" in person.get(f"{done.pk}/")[1]
    answer = person.post(f"{done.pk}/withdraw/", reason="back")
    assert answer.status_code == 422 and "This change is in force" in answer.content.decode()


def test_a_draft_is_thrown_away_by_who_prepared_it_or_may_make_it(office):
    person, reader = office(), office("G", "parties:view")
    preview = person.prepared("of/P1/move/", **MOVE)
    assert "You may look at this change, and not make it" in reader.get(preview)[1]
    assert reader.post(f"{preview}discard/").status_code == 403
    assert reader.post(preview, seen="x").status_code == 403
    assert person.post(f"{preview}discard/").status_code == 302
    assert not Draft.objects.exists()


@pytest.mark.req("M-5.8.1.3")
def test_who_may_not_is_refused_at_every_step(office):
    person = office("R2")
    assert person.get("of/P2/")[0] == 404  # not theirs to see
    assert person.get("of/P2/move/")[0] == 404
    answer = person.post("of/P1/move/", reason="x", to="R1", from_date="2026-12-01")
    assert answer.status_code == 422 and "Not found" in answer.content.decode()
    assert person.made(person.prepared("of/P1U2/move/", to="P3", from_date="2026-12-01"))
    answer = person.post(person.prepared("of/R2/close/", last_day="2026-12-31", below="on"), seen="x")
    tuner = office("R2", "parties:view,parameters")
    assert tuner.get("of/P1/move/")[0] == 403
    assert tuner.get("of/P1/parameters/")[0] == 404
    assert tuner.get("parameters/of/P1U1/")[0] == 200
    assert f"{BASE}/of/P1/move/" not in tuner.get("of/P1/")[1]
    assert person.get("parameters/")[0] == 403
    reader = office("G", "parties:view")
    for path in ("of/P1/", "of/P1/move/", "parameters/", "parameters/of/P1/", "parameters/import/"):
        assert reader.get(path)[0] == 403, path
    assert reader.get("")[0] == 200


@pytest.mark.req("M-5.8.1.3")
def test_a_delegated_administrator_does_not_close_or_move_the_top_of_the_own_branch(office):
    person = office("R2")
    preview = person.prepared("of/R2/close/", last_day="2026-12-31", below="on")
    answer = person.post(preview, seen=seen(person.get(preview)[1]))
    assert answer.status_code == 200 and "not yours to change" in answer.content.decode()
    assert stands_under("R2", date(2027, 1, 1)) == "G"
    assert Event.objects.filter(kind="parties.change-refused", refused=True, by=person.user).count() == 1


def test_what_depends_on_the_tree_is_shown_with_counts_and_approved_figures_must_be_known(office, tmp_path):
    make_indicators()
    path = tmp_path / "facts.csv"
    path.write_text("organisation,indicator,period,scenario,value\nP1U1,gen,2026-11-12,actual,2\n", "utf-8")
    assert load_facts(path).recorded == 1
    settle()
    cube.fold()
    make_user("sees-the-west", "R2", "viewer")
    person = office()
    preview = person.prepared("of/P1/move/", to="R1", from_date="2026-11-10")
    page = person.get(preview)[1]
    assert "1 figures of 1 organisation from 2026-11-10 on" in page
    assert "sees-the-west" in page and "loses sight" in page
    answer = person.post(preview, seen=seen(page))
    assert answer.status_code == 422 and "Say that you know" in answer.content.decode()
    assert stands_under("P1", date(2026, 11, 10)) == "R2"
    person.made(preview, although_approved="on")
    assert stands_under("P1", date(2026, 11, 10)) == "R1"


# Parameters -----------------------------------------------------------------------------------------------------------

TUNER = ("parties:view,parameters",)


def value_on(code: str, name: str, day: date) -> str | None:
    row = AttributeValue.objects.filter(organisation__code=code, name=name, valid__contains=day).first()
    return str(row.value) if row else None


def grid_of(page: str) -> dict[str, str]:
    """The boxes of the grid with what they hold."""
    import re

    boxes = dict(re.findall(r'<input class="form-control form-control-sm" name="(v_\w+)" value="([^"]*)"', page))
    for name, inner in re.findall(r'<select class="form-select form-select-sm" name="(v_\w+)".*?>(.*?)</select>', page):
        boxes[name] = (re.findall(r'value="([^"]*)" selected', inner) or [""])[0]
    return boxes


def test_one_units_parameters_are_set_from_a_day_on(office):
    person = office("G", *TUNER)
    status, page = person.get("parameters/of/P1U1/")
    assert status == 200 and "600" in page
    given = {
        f"value_{name}": "" for name in ("fuel", "province", "longitude", "latitude", "commissioned", "cogeneration")
    }
    preview = person.prepared("parameters/of/P1U1/", value_capacity_mw="650.0", from_date="2026-12-01", **given)
    assert "1 value of Alpha 1" in person.get(preview)[1]
    change = person.made(preview)
    assert (value_on("P1U1", "capacity_mw", date(2026, 12, 1)), value_on("P1U1", "capacity_mw", clock.today())) == (
        "650", "600",
    )  # fmt: skip
    page = person.get("parameters/of/P1U1/")[1]
    assert "planned" in page and "from 2026-12-01" in page
    assert person.post(f"{change.pk}/withdraw/", reason="no").status_code == 302
    assert value_on("P1U1", "capacity_mw", date(2026, 12, 1)) == "600"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"value_capacity_mw": "650MW"}, "650MW"),
        ({"value_capacity_mw": "-5"}, "less than 0"),
        ({"value_capacity_mw": "600"}, "Nothing is other than it is already"),
        ({"value_capacity_mw": "600", "value_longitude": "200"}, "not between -180 and 180"),
        ({"value_capacity_mw": "600", "value_commissioned": "2024/1/5"}, "write 2024-01-05"),
    ],
)
def test_values_that_cannot_be_are_refused_on_the_form(office, given, said):
    person = office("G", *TUNER)
    answer = person.post("parameters/of/P1U1/", reason="x", from_date="2026-12-01", **given)
    assert answer.status_code == 422 and said in answer.content.decode()


def test_the_units_of_a_plant_are_changed_together_in_a_grid(office):
    person = office("G", *TUNER)
    status, page = person.get("parameters/?of=P1")
    boxes = grid_of(page)
    first, second = (f"v_{one(code).pk}_capacity_mw" for code in ("P1U1", "P1U2"))
    assert status == 200 and (boxes[first], boxes[second]) == ("600", "300")
    assert "(Coal)" in page  # inherited from the plant
    answer = person.post(
        "parameters/?of=P1", **{**boxes, first: "610", second: "abc"}, from_date="2026-12-01", reason="x"
    )
    assert answer.status_code == 422 and "1 value cannot be taken" in answer.content.decode()
    preview = person.prepared("parameters/?of=P1", **{**boxes, first: "610", second: ""}, from_date="2026-12-01")
    person.made(preview)
    assert value_on("P1U1", "capacity_mw", date(2026, 12, 1)) == "610"
    assert value_on("P1U2", "capacity_mw", date(2026, 12, 1)) is None
    assert Change.objects.get().organisation == one("P1")
    plants = person.get("parameters/?of=R1&kind=plant")[1]
    assert "Plant Beta" in plants and "Beta 1" not in plants


def test_a_file_goes_out_and_comes_back(office):
    from django.core.files.uploadedfile import SimpleUploadedFile

    person = office("R2", *TUNER)

    def sent(content: bytes, name: str = "p.csv") -> Any:
        file = SimpleUploadedFile(name, content)
        return person.post("parameters/import/?of=R2", file=file, from_date="2026-12-01", reason="as built")

    for kind in ("csv", "xlsx"):
        answer = person.client.get(f"{BASE}/parameters/?of=P1&export={kind}")
        content = b"".join(answer.streaming_content)
        answer = sent(content, f"p.{kind}")
        assert answer.status_code == 422 and "nothing that is other" in answer.content.decode(), kind
    assert Event.objects.filter(kind="ui.exported").count() == 2
    answer = sent(b"code,capacity_mw,fuel\nP1U1,610,-\nP1U2,,gas\nP3U1,700.0,\n")
    assert answer.status_code == 302
    person.made(answer["Location"])
    day = date(2026, 12, 1)
    assert (value_on("P1U1", "capacity_mw", day), value_on("P1U2", "capacity_mw", day)) == ("610", "300")
    assert value_on("P1U2", "fuel", day) == "gas"
    answer = sent(
        b"code,valid_from,capacity_mw,longitude\nP2U1,,5,\nP1U1,,6OO,\nP1U2,2026/1/1,5,\nP1U2,,5,200\nP3U1,,1,\n"
        b"P3U1,,2,\n"
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    for said in (
        "line 2, code: there is no organisation “P2U1” whose parameters are yours to set",
        "line 3, capacity_mw:", "line 4, valid_from:", "write 2026-01-01", "line 5, longitude:",
        "line 7, capacity_mw: is given in line 6 already",
    ):  # fmt: skip
        assert said in page, said
    for content, said in (
        (b"", "is empty"),
        (b"code,colour\nP1U1,red\n", "colour"),
        (b"%PDF-1.7 x", "not a text table"),
        (b"PK\x03\x04 this is no archive", "damaged"),
        (b"capacity_mw\n5\n", "code"),
    ):
        answer = sent(content)
        assert answer.status_code == 422 and said in answer.content.decode(), said


def test_a_choice_is_written_as_most_have_written_it(office):
    """Groups of figures go by the text: 江苏 and 320000 would be two provinces."""
    services.set_attribute(one("P2"), "province", "江苏", date(2026, 1, 1))
    person = office("G", *TUNER)
    page = person.get("parameters/?of=R2&kind=plant")[1]
    assert '<option value="江苏"' in page and '<option value="320000"' not in page


def test_lists_and_menus_follow_the_roles(office):
    person, reader = office(), office("G", "parties:view")
    assert "Changes of organisations" in person.get("/organisations/")[1]
    assert "Changes of organisations" not in reader.get("/organisations/")[1]
    change = person.made(person.prepared("of/P1/move/", **MOVE))
    for query, found in (
        ("?state=planned", True), ("?state=withdrawn", False), ("?verb=move", True), ("?verb=merge", False),
        ("?q=Alpha", True), ("?q=because", True), ("?q=P2", False), ("?of=P1", True), ("?of=P2", False),
    ):  # fmt: skip
        assert (f"{BASE}/{change.pk}/" in person.get(query)[1]) is found, query
    answer = person.client.get(f"{BASE}/?export=csv")
    assert "Plant Alpha moves to East Company" in b"".join(answer.streaming_content).decode("utf-8-sig")


def test_at_the_business_site_none_of_it_is_there(office):
    person = office()
    with at_site("business"):
        for path in ("", "of/P1/", "of/P1/move/", "parameters/", "1/"):
            assert person.client.get(f"{BASE}/{path}").status_code in (302, 404)
