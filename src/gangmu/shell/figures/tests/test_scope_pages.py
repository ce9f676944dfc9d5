"""The pages of statistical scopes: list, whom one counts, defining with a preview, and the look-up's switch."""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils.translation import override

from gangmu.figures.cube import services as cube
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.services import load_indicators
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.figures.scopes.services import load_scopes
from gangmu.foundation.settings import clock
from gangmu.shell.figures.tests.test_pages import FACTS, INDICATORS, NOW
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user, make_world

FIELDS = {"code": "coal-part", "name_zh": "煤电权益", "name_en": "Coal part", "share": "60%", "new_plants": "in"}


@pytest.fixture
def people(committed, tmp_path):
    """Besides the small world's people: planners of the group and of a region."""
    with clock.frozen(NOW), override("en"):
        found = make_world(tmp_path)
        for name, text, loader in (("i.yaml", INDICATORS, load_indicators), ("f.csv", FACTS, load_facts)):
            path = tmp_path / name
            path.write_text(text, "utf-8")
            assert not loader(path).problems
        cube.fold()
        yield {
            "planner": make_user("planner", "G", "business_administrator"),
            "region": make_user("region", "R2", "business_administrator"),
            "group": found.group,
            "plant": found.clerk,
        }


def client_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def page(user, path: str, status: int = 200, site: str = "business") -> str:
    with at_site(site):
        answer = client_of(user).get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def post(user, path: str, status: int, **fields) -> str:
    with at_site("office"):
        answer = client_of(user).post(path, {"_key": uuid4().hex, **fields})
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def test_a_planner_of_the_group_previews_and_defines_a_scope(people):
    planner = people["planner"]
    assert "/scopes/new/add/" in page(planner, "/scopes/", site="office")
    shown = post(planner, "/scopes/new/add/", 200, **FIELDS, of_fuel=["coal"], look="1")
    assert "540" in shown and "P1U1" in shown and "P2U1" not in shown  # (600 + 300) MW with 60 %
    assert not StatisticalScope.objects.filter(code="coal-part").exists()
    post(planner, "/scopes/new/add/", 302, **FIELDS, of_fuel=["coal"])
    group = people["group"]
    told = page(group, "/scopes/coal-part/?day=2026-06-01")
    assert "Fuel: Coal × 60%" in told and "540" in told and "360" in told
    found = page(group, "/figures/?indicator=gen&organisation=G&period=2026-06-01&scope=coal-part")
    assert "750.3" in found  # (1200 + 50.5) with 60 %
    assert "Coal part" in page(
        group, "/figures/explain/?indicator=gen&organisation=G&period=2026-06-01&scope=coal-part"
    )
    post(planner, "/scopes/coal-part/edit/", 302, **{**FIELDS, "share": "10%"}, of_fuel=["coal"])
    assert StatisticalScope.objects.get(code="coal-part").revision == 2
    assert "125.1" in page(group, "/figures/?indicator=gen&organisation=G&period=2026-06-01&scope=coal-part")


def test_several_versions_are_edited_as_text_and_faults_name_the_line(people):
    planner = people["planner"]
    text = "- valid_from: 2026-01-01\n  count: [all]\n- valid_from: 2026-06-01\n  count: [{fuel: coul}]"
    told = post(planner, "/scopes/new/add/", 422, **FIELDS, versions=text)
    assert "line 4, column 18" in told and "coal" in told
    assert not StatisticalScope.objects.filter(code="coal-part").exists()
    post(planner, "/scopes/new/add/", 302, **FIELDS, versions=text.replace("coul", "coal"))
    again = page(planner, "/scopes/coal-part/edit/", site="office")
    assert "2026-06-01" in again and "fuel: [coal]" in again
    told = post(planner, "/scopes/new/add/", 422, **{**FIELDS, "code": "two", "organisations": "P1, P9"})
    assert "P9" in told


def test_a_scope_is_readable_by_all_and_defined_at_the_top_alone(people):
    assert not load_scopes("- {code: r2, name: {zh: 西, en: West}, count: [{organisations: [R2, P3]}]}".replace(
        "[R2, P3]", "[R2]")).problems  # fmt: skip
    assert "/scopes/new/add/" not in page(people["plant"], "/scopes/")
    assert "/scopes/new/add/" not in page(people["region"], "/scopes/", site="office")
    page(people["region"], "/scopes/new/add/", 403, site="office")
    post(people["region"], "/scopes/r2/edit/", 403, **FIELDS)
    post(people["region"], "/scopes/r2/remove/", 403)
    page(people["group"], "/scopes/r2/edit/", 404)  # they are defined in the back office
    told = page(people["plant"], "/scopes/r2/")
    assert "P3U1" not in told and "West Company" not in told and "… and all below" in told
    assert "P1U1" in told
    page(people["plant"], "/scopes/none/", 404)


def test_a_scope_that_another_names_stays(people):
    text = "- {code: a, name: {zh: 甲, en: A}, count: [all]}\n- {code: b, name: {zh: 乙, en: B}, count: [{scope: a}]}"
    assert not load_scopes(text).problems
    post(people["planner"], "/scopes/a/remove/", 302)
    assert StatisticalScope.objects.filter(code="a").exists()
    post(people["planner"], "/scopes/b/remove/", 302)
    assert not StatisticalScope.objects.filter(code="b").exists()
