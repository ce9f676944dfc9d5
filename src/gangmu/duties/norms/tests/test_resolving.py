import json
from pathlib import Path

import pytest

from gangmu.duties.norms.errors import ChoiceMissing, ChoiceRefused, UnknownCell, UnknownClause
from gangmu.duties.norms.resolving import everything, resolve
from gangmu.duties.norms.standard import Standard, restored
from gangmu.duties.norms.tests.made_up import written
from gangmu.duties.norms.text import read_standard

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    return read_standard(written(tmp_path_factory.mktemp("norms")))


def origins(standard: Standard, cell: str, **choices: str) -> dict[str, str]:
    return {one.entry.key: one.origin for one in resolve(standard, cell, choices).held}


def test_entries_stand_in_printed_order_and_items_by_letter(standard: Standard) -> None:
    assert list(standard.entries)[:5] == ["4.1-a", "5.1.1-a", "5.1.1-b", "5.1.2-a", "5.2.1-a"]


def test_a_cell_without_references_is_its_own_sections(standard: Standard) -> None:
    assert origins(standard, "L2S1") == {"5.1.1-a": "own", "5.1.1-b": "own", "5.1.2-a": "own"}


def test_an_open_reference_is_listed_with_its_alternatives_and_brings_nothing_in(standard: Standard) -> None:
    found = resolve(standard, "L2S4")
    assert origins(standard, "L2S4") == {"5.4.1": "own", "5.3.1": "open", "5.4.2-a": "own", "5.3.2-a": "inherited"}
    told = {one["key"]: one for one in found.as_json()["entries"]}
    assert told["5.3.1"]["alternatives"] == ["S1", "S2"]
    assert told["5.3.1"]["refers"] == ["5.1.1", "5.2.1"]
    assert "alternatives" not in told["5.4.1"]
    with pytest.raises(ChoiceMissing, match=r"facilities.*S1, S2"):
        found.require_closed()


def test_a_choice_brings_in_the_section_that_it_names(standard: Standard) -> None:
    assert origins(standard, "L2S4", facilities="S1") == {
        "5.4.1": "own",
        "5.3.1": "inherited",
        "5.1.1-a": "chosen",
        "5.1.1-b": "chosen",
        "5.4.2-a": "own",
        "5.3.2-a": "inherited",
    }
    assert "5.2.1-a" in origins(standard, "L2S4", facilities="S2")
    resolve(standard, "L2S4", {"facilities": "S2"}).require_closed()


def test_cells_of_a_level_combine_and_what_is_own_wins(standard: Standard) -> None:
    found = origins(standard, "L2S4,L2S1", facilities="S1")
    assert found["5.1.1-a"] == "own"
    assert len(found) == 7
    with pytest.raises(UnknownCell, match="differ in"):
        resolve(standard, "L2S4,L3S1")


def test_figures_stand_in_texts_and_as_exact_values(standard: Standard) -> None:
    (told,) = [one for one in resolve(standard, "L2S1").as_json()["entries"] if one["key"] == "5.1.2-a"]
    (statement,) = told["statements"]
    assert statement["text"]["zh"] == "15 分钟内响应，可用性 99.90%"
    assert statement["trigger"] == "request"
    assert statement["parameters"] == {
        "minutes": {"value": 15, "unit": "minutes"},
        "availability": {"value": "99.90", "unit": "percent"},
    }


def test_the_long_form_of_an_entry_changes_leaves_out_and_adds(standard: Standard) -> None:
    assert [one.strength for one in standard.entries["5.1.1-b"].statements] == ["should", "must"]
    entry = standard.entries["6.1.1-b"]
    assert [(one.strength, one.bound) for one in entry.statements] == [
        ("must", "provider"),
        ("must", "provider"),
        ("must", "both"),
    ]
    assert standard.text(entry, entry.statements[0]).en == "Two feeds, by GB 2."


def test_without_a_cell_everything_is_listed_as_its_own(standard: Standard) -> None:
    told = everything(standard).as_json()
    assert told["cell"] is None
    assert {one["origin"] for one in told["entries"]} == {"own"}
    assert len(told["entries"]) == len(standard.entries)


@pytest.mark.parametrize(
    ("cell", "choices", "error", "says"),
    [
        ("L2S9", {}, UnknownCell, r"no cell “L2S9”.*L2S1, L2S2, L2S3, L2S4, L3S1"),
        ("L2S4", {"facilities": "S3"}, ChoiceRefused, r"“S3” is not offered.*S1, S2"),
        ("L2S4", {"network": "S1"}, ChoiceRefused, r"no choice of “network”.*facilities"),
        ("L2S1", {"facilities": "S1"}, ChoiceRefused, r"L2S1 leaves “facilities” not open"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    standard: Standard, cell: str, choices: dict[str, str], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        resolve(standard, cell, choices)


def test_a_clause_that_is_not_there_is_refused_with_those_nearby(standard: Standard) -> None:
    with pytest.raises(UnknownClause, match=r"“5.1.1-z”.*5.1.1-a, 5.1.1-b"):
        standard.entry("5.1.1-z")


def test_content_restores_to_an_equal_standard(standard: Standard) -> None:
    again = restored(json.loads(standard.content))
    assert again == standard
    assert again.digest == standard.digest


def test_the_same_folder_read_twice_has_one_digest(standard: Standard, tmp_path: Path) -> None:
    assert read_standard(written(tmp_path)).digest == standard.digest
