"""What is not of the shape is refused with file, line, and what would be right."""

import re
from pathlib import Path

import pytest

from gangmu.duties.norms.errors import StandardFault
from gangmu.duties.norms.tests.made_up import HEAD, TOPICS, written
from gangmu.duties.norms.text import read_standard

pytestmark = pytest.mark.usefixtures("english")


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


HEADS = [
    ("number: X 1-2020\n", "", 1, "standard.yaml lacks “number”"),
    ("issuer:", "isuer:", 4, "“isuer” is not known; did you mean “issuer”?"),
    ("in_force: 2020-03-01", "in_force: 2020-13-01", 6, "a day, such as 2015-01-01"),
    (
        'L2S2: {at: {level: "2", service: S2}',
        'L2S2: {at: {level: "2", service: S9}',
        14,
        "“S9” is not known. Known: S1",
    ),
    ('L2S2: {at: {level: "2", service: S2}', 'L2S2: {at: {level: "2", service: S1}', 14, "place of cell L2S1"),
    ('sections: ["5.2"]', 'sections: ["5.9"]', 14, "“5.9” is not known"),
    ("{zh: 总则, en: General}", "{zh: 总则}", 19, "lacks “en”"),
    ("subject: facilities}", "subject: facility}", 20, "did you mean “facilities”?"),
    ("title: {zh: 借用规范, en: Rules of lending}", "title: {zh: 借用规范, en: }", 3, "a text, and not empty"),
    ("axes:", "axes: [", 7, "no YAML"),
    ('"5.1.2": {zh', '"5.1.1": {zh', 21, "“5.1.1” stands twice, first at "),
]


@pytest.mark.parametrize(("right", "wrong", "line", "says"), HEADS)
def test_a_faulty_head_is_refused(tmp_path: Path, right: str, wrong: str, line: int, says: str) -> None:
    assert right in HEAD
    folder = written(tmp_path, head=HEAD.replace(right, wrong, 1))
    with pytest.raises(StandardFault, match=re.escape(says)) as caught:
        read_standard(folder)
    at = re.fullmatch(r".*/standard\.yaml:(\d+)", caught.value.where)
    assert at
    if "YAML" not in says:
        assert int(at[1]) == line


FAULTS = [
    ("strength: must, bound: client", "strength: shall, bound: client", "Known: must, should, may, must_not, stated"),
    ("bound: client", "bound: customer", "Known: client, provider, both"),
    ("trigger: request", "trigger: reqest", "did you mean “request”?"),
    ("kind: minutes", "kind: minute", "did you mean “minutes”?"),
    ("kind: percent, name", "kind: percent, values: {a: {zh: 甲, en: a}}, name", "a choice or a word lists"),
    ("5.1.2-a: {minutes: 15,", "5.1.2-a: {minutes: fifteen,", "such as 10 or 99.95; “fifteen” is none"),
    ("5.1.2-a: {minutes: 15,", "5.1.2-a: {minutes: -1,", "a number of zero or more"),
    ("5.1.2-a: {minutes: 15, ", "5.1.2-a: {", "clause 5.1.2-a lacks a value for {minutes}"),
    ("5.1.2-a: {minutes: 15,", "5.1.2-a: {minutes: 15, hours: 1,", "Known: minutes, availability"),
    ("5.1.1-a: {grade: B, place: rack}", "5.1.1-a: {grade: B, place: rak}", "did you mean “rack”?"),
    ("4.1-a: {}", "4.1: {}\n    4.1.7-a: {}", "“4.1.7” is not known"),
    ("4.1-a: {}", "4.1-A: {}", "section and an item as 5.1.1-a"),
    ("6.1.1-c: {}", "6.1.1-b: {}", "clause 6.1.1-b stands twice, first at "),
    ("topic: cooling", "topic: response", "the topic “response” stands twice"),
    ("topic: cooling", "topic: Cooling", "small letters and digits"),
    ('en: "The {place} is of grade {grade}."', 'en: "It is of grade {grade}."', "only one of them has {place}"),
    ("{norm}\", en: \"Two feeds, by {norm}.", "{norn}\", en: \"Two feeds, by {norn}.", "did you mean “norm”?"),
    ("statements: {1: {strength: must}}", "statements: {3: {strength: must}}", "statements 1 to 2; there is no “3”"),
    ("statements: {1: {strength: must}}", "statements: {1: null}", "gives {norm}, but none of its statements names it"),
    ("statements: {1: {strength: must}}", "statements: {1: {zh: 甲}}", "both languages, zh and en"),
    ('5.3.1: {to: ["5.1.1", "5.2.1"]}', '5.3.1: {to: ["5.1.1", "5.2.9"]}', "“5.2.9” is not known"),
    ('5.3.1: {to: ["5.1.1", "5.2.1"]}', "5.3.1: {}", "“to” lists the sections"),
    ('5.3.1: {to: ["5.1.1", "5.2.1"]}', '5.3.1: {to: ["5.1.1", "5.2.1", "4.1"]}', "one section for each of choices"),
    ("refers: facilities", "refers: faculties", "did you mean “facilities”?"),
    ('5.4.2-a: {to: ["5.3.2"]}', '5.4.2-a: {to: ["5.4.2"]}', "5.4.2-a → 5.4.2-a"),
    ("6.1.1-c: {}", "6.1.1-c: {to: [\"4.1\"]}", "is not known"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "says"), FAULTS)
def test_a_faulty_topic_is_refused(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    assert right in TOPICS
    with pytest.raises(StandardFault, match=re.escape(says)) as caught:
        read_standard(written(tmp_path, topics=TOPICS.replace(right, wrong, 1)))
    assert re.fullmatch(r".*/topics/all\.yaml:\d+", caught.value.where)


def test_a_fault_is_placed_on_its_line(tmp_path: Path) -> None:
    wrong = TOPICS.replace("6.1.2-a: {minutes: 10", "6.1.2-a: {minutes: ten")
    with pytest.raises(StandardFault) as caught:
        read_standard(written(tmp_path, topics=wrong))
    assert caught.value.where == f"{tmp_path.name}/topics/all.yaml:{line_of(wrong, 'minutes: ten')}"


def test_a_word_without_declared_values_stands_in_both_languages(tmp_path: Path) -> None:
    bare = TOPICS.replace(", values: {rack: {zh: 柜, en: rack}, room: {zh: 房, en: room}}", "")
    with pytest.raises(StandardFault, match="both languages"):
        read_standard(written(tmp_path, topics=bare.replace("place: rack", "place: 柜")))
    both = bare.replace("place: rack", "place: {zh: 柜, en: rack}").replace("place: room", "place: {zh: 房, en: room}")
    standard = read_standard(written(tmp_path, topics=both))
    entry = standard.entries["5.2.1-a"]
    assert standard.text(entry, entry.statements[0]).zh == "房达到 B 级"


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StandardFault, match="no such file"):
        read_standard(tmp_path)
    (tmp_path / "standard.yaml").write_text(HEAD, "utf-8")
    with pytest.raises(StandardFault, match="no file with topics"):
        read_standard(tmp_path)
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "a.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(StandardFault, match="UTF-8"):
        read_standard(tmp_path)


def test_a_standard_may_name_its_own_parties_and_say_what_is_unverified(tmp_path: Path) -> None:
    head = HEAD + "parties: {client: {zh: 甲, en: A}, provider: {zh: 乙, en: B}, both: {zh: 都, en: all}}\n"
    standard = read_standard(written(tmp_path, head + "remark: {zh: 未核实, en: Unverified}\n"))
    assert standard.parties["provider"].zh == "乙"
    assert standard.remark and standard.remark.en == "Unverified"
    with pytest.raises(StandardFault, match="Known: client, provider, both"):
        read_standard(written(tmp_path, head, TOPICS.replace("bound: client", "bound: A")))
