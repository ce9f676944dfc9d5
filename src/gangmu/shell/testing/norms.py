"""Holding a norm against what is printed. The printed texts are not part of the product: they lie beside the checkout
where its makers work, and a test that needs them is skipped where they do not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gangmu.duties.norms.standard import INSERT, Standard, Words

PRINTED = Path(__file__).parents[5] / "shared" / "seeds"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
RUN = 10  # characters in a row that may be those of the print: a term, not a phrase


def printed(number: str) -> str:
    """The printed text whose file's name begins with `number`; without it the test is skipped."""
    found = sorted(PRINTED.glob(f"{number}_*.txt"))
    if not found:
        pytest.skip("the printed text is not here")
    return found[0].read_text("utf-8")


def wordings(standard: Standard) -> Iterator[tuple[str, Words]]:
    """Every text of our own with where it stands, statements with their values put in; the title is not ours."""
    for number, section in standard.sections.items():
        yield f"section {number}", section.name
    for code, party in standard.parties.items():
        yield f"party {code}", party
    for code, trigger in standard.triggers.items():
        yield f"trigger {code}", trigger
    if standard.remark:
        yield "remark", standard.remark
    for slug, topic in standard.topics.items():
        yield slug, topic.name
        if topic.remark:
            yield f"{slug}, remark", topic.remark
        for parameter in topic.parameters.values():
            yield f"{slug}, {parameter.name}", parameter.title
            yield from ((f"{slug}, {parameter.name}", value) for value in parameter.values.values())
    for key, entry in standard.entries.items():
        for statement in entry.statements:
            yield key, standard.text(entry, statement)


def lacking(standard: Standard, *spelled: str) -> list[str]:
    """Texts without Chinese in the Chinese or English in the English, or with Chinese there; but what is `spelled`."""
    faults = []
    for where, words in wordings(standard):
        english = words.en
        for one in spelled:
            english = english.replace(one, "")
        if not CHINESE.search(words.zh) or CHINESE.search(english) or not re.search(r"[A-Za-z0-9]{2}", english):
            faults.append(f"{where}: {words.zh} / {words.en}")
    return faults


def ill_formed(standard: Standard) -> list[str]:
    """Statements that are no whole sentences, name a figure themselves, or say in words what their strength says."""
    faults = []
    for key, entry in standard.entries.items():
        for statement in entry.statements:
            said = standard.text(entry, statement)
            bare = INSERT.sub("", statement.text.zh + statement.text.en)
            whole = said.zh.endswith("。") and said.en.endswith(".") and (said.en[0].isupper() or said.en[0].isdigit())
            permits = bool(re.search(r"\bmay\b", said.en))
            obliges = re.search(
                r"(?<![相响反适供效])应(?![用急对])|宜|不得|禁止|\b(shall|should|must)\b", said.zh + said.en
            )
            if not whole or re.search(r"\d", bare) or permits != (statement.strength == "may") or obliges:
                faults.append(f"{key}: {said.zh} / {said.en}")
    return faults


def longest_run(text: str, source: str) -> str:
    """The longest run of Chinese characters that `text` shares with `source`, whatever stands between them."""
    ours, theirs = "".join(CHINESE.findall(text)), "".join(CHINESE.findall(source))
    longest = ""
    for start in range(len(ours)):
        while start + len(longest) < len(ours) and ours[start : start + len(longest) + 1] in theirs:
            longest = ours[start : start + len(longest) + 1]
    return longest


def copied(standard: Standard, source: str, names: tuple[str, ...] = ()) -> list[str]:
    """Where a Chinese text of ours shares a longer run with the print than terms have; `names` are not counted."""
    faults = []
    for where, words in wordings(standard):
        parts = re.split("|".join(names), words.zh) if names else [words.zh]
        faults += [f"{where}: {run}" for part in parts if len(run := longest_run(part, source)) > RUN]
    return faults
