"""From level to level the clauses differ as the document does, and in nothing else."""

import pytest

from gangmu.business.hosting.tests.printed import Printed
from gangmu.duties.norms.comparing import Difference, compare
from gangmu.duties.norms.resolving import resolve
from gangmu.duties.norms.standard import Standard

SPACE_2_TO_3 = """
figure room-grade grade B A
figure power-availability availability 99.9 99.99
figure cooling grade B A
extended cooling +1
strength environment-monitoring should must
figure patrols rounds 3 6
strength carriers-and-routes should must
strength entrance-checks should must
figure conditions-for-monitoring seats shared dedicated
figure change-notice notice 10 20
figure support-and-response response 15 10
figure service-report reports 1 2
strength facility-drills should must
strength facility-drills should must
"""
SPACE_3_TO_3_PLUS = """
figure change-notice notice 20 30
figure support-and-response response 10 5
"""
RESOURCES_2_TO_3 = """
new redundant-channel
new hardware-area
new software-upgrades
new software-training
new platform-availability
new platform-disaster-recovery
extended capacity-management +1
new separation-of-clients
extended monitoring-tools +1
figure change-notice notice 10 20
extended intrusion-protection +3
figure support-and-response response 15 10
extended support-and-response +1
figure service-report reports 1 2
extended service-report +1
new resource-drills
"""
RESOURCES_3_TO_3_PLUS = """
new spares
figure platform-availability availability 99.9 99.95
extended capacity-management +1
figure change-notice notice 20 30
figure support-and-response response 10 5
figure support-and-response on_site 60 30
"""
APPLICATION_2_TO_3 = """
new application-design
new application-monitoring
new application-isolation
new application-duty-staff
figure application-change-notice notice 10 20
figure application-inspection inspections 1 2
extended application-inspection +1
figure application-support response 15 10
wording application-support provider/client_request provider/None
extended application-support +1
figure application-report reports 1 2
extended application-report +1
new application-emergencies
"""
APPLICATION_3_TO_3_PLUS = """
citation application-design norm JR/T_0099 JR/T_0059
figure application-change-notice notice 20 30
figure application-key-operations retention 1 2
figure application-inspection inspections 2 4
figure application-support response 10 5
figure application-support on_site 60 30
figure application-report reports 2 4
"""
STEPS = {
    ("A2B1", "A3B1"): SPACE_2_TO_3 + "strength cabinet-power should must\n",
    ("A3B1", "A3+B1"): SPACE_3_TO_3_PLUS,
    ("A2B2", "A3B2"): SPACE_2_TO_3 + "strength perimeter should must\n" * 3,
    ("A3B2", "A3+B2"): SPACE_3_TO_3_PLUS,
    ("A2B3", "A3B3"): RESOURCES_2_TO_3,
    ("A3B3", "A3+B3"): RESOURCES_3_TO_3_PLUS,
    ("A2B4", "A3B4"): RESOURCES_2_TO_3 + APPLICATION_2_TO_3,
    ("A3B4", "A3+B4"): RESOURCES_3_TO_3_PLUS + APPLICATION_3_TO_3_PLUS,
}
SEATS = {"公共监控工位": "shared", "专用监控工位或者监控室": "dedicated"}


def told(one: Difference) -> str:
    """A difference on one line."""
    if one.kind in ("new", "gone"):
        return f"{one.kind} {one.topic}"
    if one.kind in ("extended", "reduced"):
        return f"{one.kind} {one.topic} {'+' if one.kind == 'extended' else '-'}{len(one.values[1] or one.values[0])}"
    values = []
    for value in one.values:
        if isinstance(value, list):
            value = "/".join(map(str, value))
        values.append(SEATS[value["zh"]] if isinstance(value, dict) else str(value).replace(" ", "_"))
    return " ".join(filter(None, [one.kind, one.topic, one.parameter, *values]))


def differences(standard: Standard, a: str, b: str) -> list[Difference]:
    return compare(resolve(standard, a), resolve(standard, b)).differences


@pytest.mark.req("H-5–7")
@pytest.mark.parametrize("step", STEPS, ids="→".join)
def test_a_step_of_level_changes_what_the_document_changes(standard: Standard, step: tuple[str, str]):
    expected = [line for line in STEPS[step].splitlines() if line]
    assert sorted(map(told, differences(standard, *step))) == sorted(expected)


def test_the_highest_level_of_resources_adds_an_alarm_threshold_and_spares(standard: Standard):
    found = {one.kind: one for one in differences(standard, "A3B3", "A3+B3")}
    assert found["new"].entries == (None, "7.3.4.1-c")
    assert found["extended"].entries == ("6.3.4.3-f", "7.3.4.3-f")
    assert [words["en"] for words in found["extended"].values[1]] == ["Alarm thresholds are set for capacity."]


def test_figures_of_the_highest_level_of_outsourcing(standard: Standard):
    held = resolve(standard, "A3+B4", dict.fromkeys(standard.subjects, "B1"))
    found = {
        (one.entry.topic, name): value
        for one in held.held
        for name, value in one.entry.values.items()
        if standard.topics[one.entry.topic].parameters[name].kind not in ("word", "standard")
    }
    assert found[("power-availability", "availability")] == "99.99"
    assert found[("platform-availability", "availability")] == "99.95"
    assert found[("support-and-response", "response")] == found[("application-support", "response")] == "5"
    assert found[("application-change-notice", "notice")] == "30"
    assert found[("application-key-operations", "retention")] == "2"
    assert found[("key-operations", "retention")] == "1"


def test_small_differences_of_wording_are_none(standard: Standard):
    """约定 at level 2 and 规定 at level 3 mean the same procedure."""
    assert standard.entries["5.3.5-i"].statements == standard.entries["6.3.5-i"].statements
    assert standard.entries["5.4.6-e"].statements == standard.entries["6.4.6-f"].statements


LETTERS = "，。；、,;：:（）() "


def test_entries_alike_in_the_document_are_alike_here(standard: Standard, document: list[Printed]):
    """Two entries with the same printed text have the same topic, statements and values; with another text, not."""
    texts: dict[str, list[str]] = {}
    for printed in document:
        if not printed.to and not printed.key.startswith("4"):
            text = printed.text.translate(str.maketrans("", "", LETTERS)).replace("合同规定", "合同约定")
            texts.setdefault(text, []).append(printed.key)
    said = {
        text: {(one.topic, one.statements, tuple(one.values.items())) for one in map(standard.entries.get, keys) if one}
        for text, keys in texts.items()
    }
    assert [keys for text, keys in texts.items() if len(said[text]) != 1] == []
    distinct: dict[object, list[str]] = {}
    for text, (one,) in said.items():
        distinct.setdefault(one, []).append(texts[text][0])
    assert [keys for keys in distinct.values() if len(keys) > 1] == []
