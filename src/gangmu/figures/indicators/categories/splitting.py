"""From split indicators to the indicators of their categories, which are stored and asked like any other."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from django.utils.translation import gettext as _

from gangmu.figures.indicators.categories.definitions import Dictionary, member_code, member_name
from gangmu.figures.indicators.definitions import (
    LONGEST_CODE,
    LONGEST_NAME,
    IndicatorDefinition,
    Member,
    OverOrganisations,
    Total,
)
from gangmu.figures.indicators.loading.entries import Entry, Reading

Definitions = Mapping[str, IndicatorDefinition]


def expand(reading: Reading, standing: Definitions, dictionaries: Mapping[str, Dictionary]) -> set[str]:
    """Put beside each split indicator of a file its members, and give it the formula of its parts where it is made of
    them; what does not hold becomes a problem of the file.

    Returns: the codes of standing members that the file leaves without the whole or the category to which they belong.
    """
    given = {entry.code: entry for entry in reading.entries}
    definitions = dict(standing) | {code: entry.definition for code, entry in given.items()}
    _refuse_members_by_themselves(reading, given, standing)
    made: list[Entry] = []
    for entry in reading.entries:
        if entry.definition.split is None:
            continue
        dictionary = _dictionary_of(entry, reading, dictionaries)
        members = _members(entry, dictionary, definitions, reading) if dictionary else []
        for member in members:
            holder = definitions.get(member.code)
            if member.code in given or (holder and (holder.member is None or holder.member.of != entry.code)):
                message = _("its part %(part)s would have the code of another indicator.") % {"part": member.code}
                reading.problems.append(entry.problem("split", message))
        if members and entry.definition.split.total is Total.PARTS:
            entry.definition = replace(entry.definition, formula=formula_of(entry.definition, members))
        made += [Entry(one, entry.line, entry.column, dict(entry.places), told_as=entry.code) for one in members]
    kept = {entry.code for entry in made}
    reading.entries = [entry for entry in reading.entries if not (entry.definition.member and entry.code in kept)]
    reading.entries += made
    return {
        code
        for code, one in standing.items()
        if one.member and one.member.of in given and code not in kept and code not in given
    }


def formula_of(whole: IndicatorDefinition, members: Iterable[IndicatorDefinition]) -> str:
    """What makes the whole of its parts: their total; of weighted ones the mean of those that are there, each weighed
    as it is."""
    parts = list(members)
    if whole.over_organisations is not OverOrganisations.WEIGHTED:
        return f"total({', '.join(one.code for one in parts)})"
    above = ", ".join(f"{one.code} * {one.weight}" for one in parts)
    below = ", ".join(f"if({one.code} >= 0, {one.weight}, {one.weight})" for one in parts)  # nothing without a value
    return f"total({above}) / total({below})"


def undivided(definition: IndicatorDefinition) -> IndicatorDefinition:
    """A split indicator as its file says it: the formula of its parts is none of its own."""
    is_made = definition.split is not None and definition.split.total is Total.PARTS
    return replace(definition, formula="") if is_made else definition


def _members(
    entry: Entry, dictionary: Dictionary, definitions: Definitions, reading: Reading
) -> list[IndicatorDefinition]:
    whole, found = entry.definition, []
    assert whole.split is not None
    if whole.weight and not _is_split_alike(whole, definitions):
        message = _(
            "each part is weighed by the part of %(weight)s, which is not split by %(by)s. Split it by the same "
            "dictionary."
        )
        reading.problems.append(entry.problem("weight", message % {"weight": whole.weight, "by": whole.split.by}))
        return []
    for category in dictionary.categories:
        code, name = member_code(whole.code, category.code), member_name(whole.name, category.name)
        if len(code) > LONGEST_CODE or max(len(name.zh), len(name.en)) > LONGEST_NAME:
            message = _("the code or name of its part %(part)s would be too long: at most %(most)d characters.")
            words = {"part": code, "most": LONGEST_CODE if len(code) > LONGEST_CODE else LONGEST_NAME}
            reading.problems.append(entry.problem("split", message % words))
            return []
        found.append(
            replace(
                whole,
                code=code,
                name=name,
                weight=member_code(whole.weight, category.code) if whole.weight else None,
                split=None,
                member=Member(whole.code, category.code, category.valid_from, category.valid_to),
            )
        )
    return found


def _is_split_alike(whole: IndicatorDefinition, definitions: Definitions) -> bool:
    weight = definitions.get(whole.weight or "")
    return bool(weight and weight.split and whole.split and weight.split.by == whole.split.by)


def _dictionary_of(entry: Entry, reading: Reading, dictionaries: Mapping[str, Dictionary]) -> Dictionary | None:
    assert entry.definition.split is not None
    by = entry.definition.split.by
    if by in dictionaries:
        return dictionaries[by]
    near = get_close_matches(by, dictionaries, n=1, cutoff=0.5)
    message = _("there is no dictionary of categories “%(code)s”. Known ones: %(known)s.") % {
        "code": by,
        "known": ", ".join(sorted(dictionaries)) or "–",
    }
    message += " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": near[0]} if near else ""
    reading.problems.append(entry.problem("split", message))
    return None


def _refuse_members_by_themselves(reading: Reading, given: Mapping[str, Entry], standing: Definitions) -> None:
    for code, entry in given.items():
        found = standing.get(code)
        if found and found.member and found.member.of not in given:
            message = _("this is the part of %(whole)s for %(category)s; change %(whole)s or its dictionary.")
            words = {"whole": found.member.of, "category": found.member.category}
            reading.problems.append(entry.problem("code", message % words))
