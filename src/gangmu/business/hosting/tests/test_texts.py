"""Texts are our own, in both languages, with every figure in a parameter."""

import re

import pytest

from gangmu.business.hosting.tests.printed import Printed
from gangmu.duties.norms.standard import INSERT, Standard, Words

RUN = 12  # Chinese characters in a row that may be those of the document: a term, not a phrase
NUMERALS_ZH = re.compile(r"\d|[一二两三四五六七八九十百]|每季|半年|双[路人]")
NUMERALS_EN = re.compile(
    r"\d|\b(two|three|four|five|six|seven|eight|nine|ten|twice|once|quarter\w*|half|twelve)\b", re.IGNORECASE
)
WORDS = re.compile("第三方|统一管理")  # hold a numeral that counts nothing


def chinese(text: str) -> str:
    return re.sub(r"[^\u4e00-\u9fff]", "", text)


def longest_run(text: str, document: str) -> str:
    """The longest run of Chinese characters of `text` that the document has too, whatever stands between them."""
    text, longest = chinese(text), ""
    for start in range(len(text)):
        end = start + len(longest) + 1
        while end <= len(text) and text[start:end] in document:
            longest, end = text[start:end], end + 1
    return longest


def statements(standard: Standard) -> list[tuple[str, Words]]:
    return [
        (key, standard.text(entry, statement))
        for key, entry in standard.entries.items()
        for statement in entry.statements
    ]


def templates(standard: Standard) -> list[tuple[str, Words]]:
    """Texts with figures taken out: statements as written, and the nouns that go into them."""
    found = [(key, statement.text) for key, entry in standard.entries.items() for statement in entry.statements]
    for topic in standard.topics.values():
        for parameter in topic.parameters.values():
            if parameter.kind == "word":
                found += [(topic.slug, words) for words in parameter.values.values()]
    return found


def test_every_text_is_complete_in_both_languages(standard: Standard):
    for key, words in statements(standard):
        assert words.zh.endswith("。"), key
        assert words.en.endswith("."), key
        assert words.en[0].isupper(), key
        assert not chinese(words.en), key
        assert len(chinese(words.zh)) > len(re.findall(r"[a-z]{2,}", words.zh)), key
        assert not INSERT.search(words.zh + words.en), key
        assert "  " not in words.en, key
        assert not re.search(r"\b(a [aeio]|an [^aeiouA-Z])\w*", words.en), (key, words.en)


@pytest.mark.req("H-5–7")
def test_figures_stand_in_parameters_alone(standard: Standard):
    for key, words in templates(standard):
        assert not NUMERALS_ZH.search(WORDS.sub("", words.zh)), (key, words.zh)
        assert not NUMERALS_EN.search(words.en), (key, words.en)


def test_strength_stands_beside_the_text(standard: Standard):
    """A text says what is to be: so a topic reads the same where only the strength differs."""
    for key, entry in standard.entries.items():
        for statement in entry.statements:
            zh, en = statement.text.zh, statement.text.en
            assert not re.search(r"(?<![相对响])应(?![用急对])|宜", zh), (key, zh)
            assert not re.search(r"\b(shall|should)\b", en), (key, en)
            assert ("不得" in zh) == ("must not" in en) == (statement.strength == "must_not"), (key, zh)
            assert bool(re.search(r"\bmay\b(?! (be )?(affect|concern))", en)) == (statement.strength == "may"), (
                key,
                en,
            )


def test_equal_statements_of_a_topic_differ_in_strength_or_trigger_alone(standard: Standard):
    """Where a topic has a text of its own for some entries, it is because the document says another thing there."""
    own: dict[str, set[str]] = {}
    for entry in standard.entries.values():
        for number, statement in enumerate(entry.statements):
            own.setdefault(f"{entry.topic}/{statement.number or number}", set()).add(statement.text.zh)
    changed = {place for place, texts in own.items() if len(texts) > 1}
    assert changed == {"conditions-for-monitoring/2"}  # a room has seats in any case, cabinets when the client asks


def test_no_phrase_is_the_documents(standard: Standard, document: list[Printed]):
    everything = chinese("".join(one.text for one in document))
    copied = [(key, run) for key, words in statements(standard) if len(run := longest_run(words.zh, everything)) > RUN]
    assert copied == []


def test_a_copied_phrase_is_seen():
    assert (
        longest_run("受托方每日巡检三次，并且记录", "由受托方每日，巡检三次".replace("，", "")) == "受托方每日巡检三次"
    )
