"""gangmu load resources, gangmu resources: the register from a file, and listed for programs."""

import json

import pytest
from click.testing import CliRunner

from gangmu.duties.resources.models import Dependency, Resource
from gangmu.foundation.settings import clock
from gangmu.shell.cli.load import load_command
from gangmu.shell.cli.resources import resources_command
from gangmu.shell.testing.worlds import make_world

HEAD = "code,kind,name_zh,organisation,supporting,valid_from,needs,group,needed\n"
GOOD = (
    "APP,system,应用,G,no,2026-01-01,FEED-A,power,1\nAPP,,,,,,FEED-B,power,\nFEED-A,feed,一路,G,yes,2026-01-01,,,\n"
    "FEED-B,feed,二路,G,yes,2026-01-01,,,\n"
)


@pytest.fixture
def folder(committed, tmp_path):
    with clock.frozen("2026-11-20T08:30+08:00"):
        make_world(tmp_path)
        yield tmp_path


def load(*arguments: object):
    return CliRunner().invoke(load_command, ["resources", *map(str, arguments)])


def listed(*arguments: str) -> dict:
    result = CliRunner().invoke(resources_command, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_resources_come_from_a_file_and_are_listed_as_json(folder):
    file = folder / "resources.csv"
    file.write_text(HEAD + GOOD, "utf-8")
    dry = load(file, "--dry-run")
    assert "APP  new" in dry.output
    assert not Resource.objects.exists()
    done = load(file)
    assert done.exit_code == 0, done.output
    assert "3 new, 0 changed, 0 as they were; dependencies: 2" in done.output
    assert "0 new, 0 changed, 3 as they were; dependencies: 0" in load(file).output
    found = {one["code"]: one for one in listed()["resources"]}
    assert list(found["APP"]) == [
        *("code", "kind", "name", "organisation", "supporting", "attributes", "needs"),
    ]
    assert found["APP"]["needs"] == [
        {"on": "FEED-A", "group": "power", "needed": 1},
        {"on": "FEED-B", "group": "power", "needed": 1},
    ]
    assert found["FEED-A"]["supporting"] is True
    assert listed("--on", "2025-12-31")["resources"] == []
    plain = CliRunner().invoke(resources_command, [])
    assert "    → FEED-A  (power: 1)" in plain.output
    assert CliRunner().invoke(resources_command, ["--on", "soon"]).exit_code == 2


def test_a_circle_stops_everything_with_its_path(folder):
    file = folder / "resources.csv"
    file.write_text(HEAD + GOOD + "FEED-A,,,,,,APP,,\nX,device,某,G,,,,,\n", "utf-8")
    refused = load(file)
    assert refused.exit_code == 1
    assert "line 6, needs: This closes a circle: " in refused.output
    assert "APP → FEED-A → APP" in refused.output or "FEED-A → APP → FEED-A" in refused.output
    assert not Resource.objects.exists()
    kept = load(file, "--keep-good")
    assert kept.exit_code == 1
    assert Resource.objects.filter(code="X").exists()
    assert not Dependency.objects.filter(resource__code="FEED-A").exists()
