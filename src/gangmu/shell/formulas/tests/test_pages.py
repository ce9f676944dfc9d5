"""Looking indicators up, trying a formula on real figures, applying it from a day on, and what is refused."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.designs.models import Design, Version
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded
from gangmu.shell.formulas.used import uses

RATE = {
    "name_zh": "厂用电率",
    "name_en": "Auxiliary rate",
    "unit": "%",
    "precision": "2",
    "made": "result",
    "formula": "「厂用电量」 / gen * 2",
    "grain": "day",
    "level": "unit",
    "because": "counted twice",
    "organisation": "P1",
    "periods": "2026-05-31, 2026-06-01",
    "since": "2026-06-01",
}


def client(user: User) -> Client:
    made = Client(headers={"accept-language": "en"})
    made.force_login(user)
    return made


def get(user: User, path: str, status: int = 200) -> str:
    response = client(user).get(path)
    assert response.status_code == status, response.content[:400]
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def send(user: User, path: str, **given: str):
    return client(user).post(path, {**RATE, "_key": str(uuid4()), **given})


def seen_of(response) -> str:
    [seen] = re.findall(r'name="seen" value="([^"]+)"', response.content.decode())
    return seen


def values(code: str, *periods: str) -> list[str | None]:
    return [row.value for row in ask(Question((code,), ("P1",), periods), SYSTEM).rows]


def test_an_indicator_is_found_by_name_pinyin_initials_and_code(configurer):
    for words in ("厂用电率", "changyongdianlv", "cydl", "rate", "Auxiliary rate"):
        page = get(configurer, f"/indicators/?q={words}")
        assert "/indicators/rate/" in page and "/indicators/coal/" not in page, words


def test_its_page_tells_formula_units_and_where_it_is_used(configurer):
    page = get(configurer, "/indicators/rate/")
    assert '<math class="textbook">' in page and "MWh ÷ MWh = 100 %" in page and "/indicators/double/" in page
    assert [(use.kind, use.where) for use in uses("rate")] == [("formula", "double")]
    assert [use.where for use in uses("gen")] == ["rate"]
    get(configurer, "/indicators/nothing/", 404)


def test_a_report_designed_in_excel_uses_what_its_expressions_name(configurer):
    rules = {"name_en": "Morning", "grain": "day", "kinds": ["group"]}
    design = Design.objects.create(code="morning", name_zh="早报", **rules)
    tried = {"language": "en", "file_name": "m.xlsx", "content": b"", "sha256": "0", "made_at": clock.now()}
    names = {"indicators": [["rate", "厂用电率", "Auxiliary rate"]]}
    version = Version.objects.create(design=design, number=1, names=names, **tried)
    assert "morning" not in [use.where for use in uses("rate")]
    Version.objects.filter(pk=version.pk).update(valid_from="2026-06-01")
    assert ("design", "morning") in [(use.kind, use.where) for use in uses("rate")]
    assert "/designs/morning/" in get(configurer, "/indicators/rate/")
    assert "morning" not in [use.where for use in uses("gen")]


@pytest.mark.req("M-7.2.10.1")
def test_a_change_is_tried_on_figures_applied_as_it_was_seen_and_recorded(configurer):
    shown = send(configurer, "/indicators/rate/change/", step="preview")
    page = unescape(re.sub(r"\s+", " ", shown.content.decode()))
    assert shown.status_code == 200 and "What it changes" in page
    assert Indicator.objects.get(code="rate").earlier == ""
    cells = re.findall(r'<td class="figure" data-label="(Before|After|Difference)">([^<]*)<', page)
    assert [value for _label, value in cells] == (
        ["5.00", "5.00", "–", "5.00", "10.00", "5.00", "10.0", "10.0", "–", "10.0", "20.0", "10.0"]
    )
    done = send(configurer, "/indicators/rate/change/", step="apply", seen=seen_of(shown))
    assert done.status_code == 302 and done["Location"] == "/indicators/rate/"
    assert values("rate", "2026-05-31", "2026-06-01", "2026-05", "2026-06") == ["5.00", "10.00", "5.00", "10.00"]
    assert values("double", "2026-05-31", "2026-06-01") == ["10.0", "20.0"]
    event = Event.objects.get(kind="indicators.changed")
    assert event.by == configurer and event.data["because"] == "counted twice" and event.data["since"] == "2026-06-01"
    assert event.data["old"]["formula"] == "「厂用电量」 / gen" and event.data["new"]["formula"] == RATE["formula"]
    page = get(configurer, "/indicators/rate/")
    assert "2026-05-31" in page and "in force" in page


def test_what_changed_since_one_looked_is_said_and_nothing_is_applied(configurer):
    shown = send(configurer, "/indicators/rate/change/", step="preview")
    Indicator.objects.filter(code="coal").update(name_en="Hard coal")
    again = send(configurer, "/indicators/rate/change/", step="apply", seen=seen_of(shown))
    assert again.status_code == 200 and "changed since you looked" in again.content.decode()
    other = send(configurer, "/indicators/rate/change/", step="apply", seen=seen_of(again), formula="gen / gen")
    assert other.status_code == 200 and Indicator.objects.get(code="rate").earlier == ""
    done = send(configurer, "/indicators/rate/change/", step="apply", seen=seen_of(again))
    assert done.status_code == 302


WRONG = [
    ({"formula": "aux / gem"}, "line 1, column 7: there is no indicator gem. Did you mean gen?"),
    ({"formula": "double"}, "go round in a circle"),
    ({"formula": "aux"}, "MWh cannot be %"),
    ({"formula": "aux / gen +\n  gem"}, "line 2, column 3"),
    ({"unit": "MWh", "formula": "aux", "since": ""}, "double no longer holds"),
    ({"unit": "KWH"}, "kWh"),
    ({"formula": ""}, "A formula is missing."),
    ({"made": "cell"}, "Say how it adds up."),
    ({"periods": "2026-13"}, "2026-13"),
    ({"formula": "(" * 3000 + "aux" + ")" * 3000}, "at most"),
    ({"formula": "(" * 200 + "aux" + ")" * 200}, "deep"),
]


def test_what_does_not_hold_is_told_at_its_place_and_nothing_is_applied(configurer):
    for given, said in WRONG:
        response = send(configurer, "/indicators/rate/change/", step="apply", **given)
        assert response.status_code == 422, given
        assert said in unescape(response.content.decode()), given
    assert Indicator.objects.get(code="rate").formula == "「厂用电量」 / gen"


def test_what_figures_mean_stands_still(configurer):
    given = {"made": "stored", "formula": "", "over_time": "last", "over_organisations": "sum"}
    gen = {"name_zh": "发电量", "name_en": "Generation", "unit": "MWh", "precision": "1", **given}
    response = send(configurer, "/indicators/gen/change/", step="preview", **gen)
    assert response.status_code == 422 and "its over_time stays sum" in unescape(response.content.decode())


def test_a_new_indicator_is_made_and_computed(configurer):
    new = {"code": "net", "name_zh": "供电量", "name_en": "Net energy", "unit": "MWh", "formula": "gen - aux"}
    shown = send(configurer, "/indicators/new/", step="preview", **new)
    assert shown.status_code == 200, shown.content[-3000:]
    done = send(configurer, "/indicators/new/", step="apply", seen=seen_of(shown), **new)
    assert done.status_code == 302
    assert values("net", "2026-06-01") == ["190.00"]
    assert Event.objects.get(kind="indicators.made").data["code"] == "net"
    twice = send(configurer, "/indicators/new/", step="preview", **new)
    assert twice.status_code == 422 and "of this code already" in twice.content.decode()


def test_who_configures_a_part_of_the_tree_changes_nothing(configurer):
    local = User.objects.get(username="local")
    assert "/change/" not in get(local, "/indicators/rate/")
    get(local, "/indicators/rate/change/", 403)
    assert send(local, "/indicators/rate/change/", step="apply").status_code == 403
    get(User.objects.get(username="clerk"), "/indicators/rate/change/", 403)


def test_the_editor_is_told_the_place_of_a_fault_or_the_units(configurer):
    ask_ = client(configurer)
    good = ask_.post("/indicators/check/", {"formula": "aux / gen", "unit": "%", "code": "rate"}).json()
    assert good == {"units": "MWh ÷ MWh = 100 %", "inputs": 2}
    bad = ask_.post("/indicators/check/", {"formula": "aux /\n「发电」", "unit": "%", "code": ""}).json()
    assert (bad["line"], bad["column"]) == (2, 1) and "「发电量」" in bad["message"]
    circle = ask_.post("/indicators/check/", {"formula": "double", "unit": "%", "code": "rate"}).json()
    assert "circle" in circle["message"]
    assert ask_.post("/indicators/check/", {"formula": "x" * 9000, "unit": "%"}).json()["message"]
    names = ask_.get("/indicators/names/").json()["names"]
    [rate] = [one for one in names if one["code"] == "rate"]
    assert rate["keys"][:3] == ["厂用电率", "changyongdianlv", "cydl"]


@pytest.mark.req("M-5.4.3")
def test_decimals_change_from_a_day_on_tried_first_and_what_is_stored_is_kept(configurer):
    gen = {
        "name_zh": "发电量", "name_en": "Generation", "unit": "MWh", "made": "stored", "formula": "",
        "over_time": "sum", "over_organisations": "sum", "precision": "3",
    }  # fmt: skip
    shown = send(configurer, "/indicators/gen/change/", step="preview", **gen)
    page = unescape(re.sub(r"\s+", " ", shown.content.decode()))
    assert shown.status_code == 200, page[-3000:]
    assert "Figures that are stored get more decimals; none of them changes." in page
    cells = re.findall(r'<td class="figure" data-label="(?:Before|After)">([^<]*)<', page)
    assert cells[:4] == ["100.0", "100.0", "200.0", "200.000"]
    done = send(configurer, "/indicators/gen/change/", step="apply", seen=seen_of(shown), **gen)
    assert done.status_code == 302
    assert values("gen", "2026-05-31", "2026-06-01", "2026-05", "2026") == ["100.0", "200.000", "100.0", "300.000"]
    page = get(configurer, "/indicators/gen/")
    assert "Decimals over time" in page and '<td class="figure" data-label="Decimals">1</td>' in page
    less = send(configurer, "/indicators/gen/change/", step="preview", **{**gen, "precision": "1", "since": ""})
    assert less.status_code == 422 and "with up to 3 decimals; none is lost" in unescape(less.content.decode())
    never = send(configurer, "/indicators/gen/change/", step="preview", **{**gen, "precision": "4", "since": ""})
    assert "No figure is told with 1 decimal any more." in never.content.decode()


def test_the_command_line_tries_decimals_too(configurer, capsys):
    tried = ["gen", "--decimals", "3", "--since", "2026-06-01", "--organisation", "P1"]
    with embedded():
        assert main(["formulas", "preview", *tried, "--period", "2026-05-31", "--period", "2026-06-01"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert lines[:2] == [
        ["gen", "2026-05-31", "100.0", "100.0", "0.0", "MWh"],
        ["gen", "2026-06-01", "200.0", "200.000", "0.000", "MWh"],
    ]
    assert Indicator.objects.get(code="gen").precisions == ""
