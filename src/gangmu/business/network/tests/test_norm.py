"""The rules of the industry network: the clauses are those of the print, in our own words."""

import pytest

from gangmu.business import standards
from gangmu.business.network.tests.printed import read_document, read_structure, spellings
from gangmu.duties.norms.shipped import shipped
from gangmu.duties.norms.standard import Standard, Words
from gangmu.shell.testing import norms

OFFICE = ("证信办", "证监办", "征信办")  # one body, as the print spells it
NODES = {
    "8-p2-1": ("上海", "上海证券交易所、上海期货交易所"),
    "8-p2-2": ("深圳", "深圳证券交易所、深圳证券通信公司"),
    "8-p2-3": ("北京", "中国期货市场监控中心公司、中证信息技术服务公司"),
    "8-p2-4": ("北京", "证监会信息中心"),
    "8-p2-5": ("大连", "大连商品交易所"),
    "8-p2-6": ("郑州", "郑州商品交易所"),
    "8-p2-7": ("上海", "中国金融期货交易所"),
}
NAMES = tuple(name for _, owners in NODES.values() for name in owners.split("、"))


@pytest.fixture(scope="module")
def standard() -> Standard:
    standards.register()
    return shipped("CSRC-ZLW")


def test_the_clauses_are_those_of_the_structure(standard: Standard):
    assert list(standard.entries) == list(read_structure())
    assert len(standard.entries) == 58


def test_strengths_are_as_printed(standard: Standard):
    """A sentence without a modal verb is stated; `stated` may stand beside a printed strength."""
    for key, printed in read_structure().items():
        strengths = {statement.strength for statement in standard.entries[key].statements}
        assert strengths - {"stated"} == printed, key
        assert printed or strengths == {"stated"}, key


def test_the_guiding_office_keeps_its_three_spellings(standard: Standard):
    name = standard.parties["guiding"]
    assert all(one in name.zh and one in name.en for one in OFFICE)


def test_nodes_have_their_owners(standard: Standard):
    found = {}
    for key in NODES:
        values = standard.entries[key].values
        assert isinstance(values["place"], Words) and isinstance(values["owners"], Words)
        found[key] = (values["place"].zh, values["owners"].zh)
    assert found == NODES
    topics = [standard.entries[key].topic for key in NODES]
    assert topics == ["core-node"] * 3 + ["backbone-node"] * 4


@pytest.mark.parametrize(
    ("key", "bound"),
    [
        ("5-3", ["guiding"]),
        ("6-2", ["office"]),
        ("6-3", ["office", "office"]),
        ("7-1", ["centre"]),
        ("7-4", ["centre", "centre+unit", "centre"]),
        ("8-3", ["unit", "unit", "unit"]),
        ("9", ["services", "unit"]),
        ("10", ["services"]),
        ("11", ["related", "guiding", "guiding"]),
        ("12-1", ["guiding", "leading", "leading+guiding"]),
        ("18", ["guiding", "guiding"]),
    ],
)
def test_who_is_bound(standard: Standard, key: str, bound: list[str]):
    assert [statement.bound for statement in standard.entries[key].statements] == bound


def test_every_party_and_trigger_is_used(standard: Standard):
    statements = [one for entry in standard.entries.values() for one in entry.statements]
    assert {one.bound for one in statements} == set(standard.parties)
    assert {one.trigger for one in statements} - {None} == set(standard.triggers)


def test_texts_are_whole_sentences_in_both_languages(standard: Standard):
    assert norms.lacking(standard, *OFFICE, "二", "三", "应", "要") == []
    assert norms.ill_formed(standard) == []


def test_the_structure_is_that_of_the_print():
    found = read_document(norms.printed("001"))
    assert read_structure() == found
    assert list(read_structure()) == list(found)


def test_the_print_spells_the_office_in_no_other_way():
    assert spellings(norms.printed("001")) == {
        "证监办": [5],
        "征信办": [5, 6, 17, 18, 19],
        "证信办": [7, 10, 11, 12],
    }


def test_owners_are_those_of_the_print():
    text = norms.printed("001").replace("\n", "")
    assert [name for name in NAMES if name not in text] == []


def test_no_phrase_is_the_prints(standard: Standard):
    assert norms.copied(standard, norms.printed("001"), (*NAMES, *OFFICE)) == []
