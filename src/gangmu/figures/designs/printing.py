"""A tree as text again: the one way to write it in each language. `parse(print_expression(tree)) == tree`."""

from gangmu.figures.designs.tree import CellText, Expression, Figure, Heading, PartKind, Place, Repeat, Shows, When
from gangmu.figures.designs.words import (
    GIVEN,
    HEADS,
    OWN,
    PARTS,
    PREVIOUS,
    REPEATS,
    SHOWS,
    STATES,
    TO_DATE,
    YEAR_AGO,
    written,
)


def print_expression(expression: Expression, language: str = "zh") -> str:
    """One expression without its braces; things are named by their codes."""
    return ("，" if language.startswith("zh") else ", ").join(_parts(expression, language))


def print_cell(cell: CellText, language: str = "zh") -> str:
    return "".join(
        part if isinstance(part, str) else "{{" + print_expression(part, language) + "}}" for part in cell.parts
    )


def _parts(expression: Expression, language: str) -> list[str]:
    def given(key: str, value: object) -> str:
        return f"{written(GIVEN[key], language)}={value}"

    match expression:
        case Repeat(by, organisation, rows):
            parts = [written(REPEATS[by], language)]
            parts += [given("organisation", organisation)] if organisation else []
            return [*parts, given("rows", rows)] if rows != 1 else parts
        case Heading(head, when):
            return [written(HEADS[head], language), *_when(when, language)]
        case Figure():
            where = expression.where
            parts = [expression.indicator]
            if where.place == Place.OWN:
                parts.append(written(OWN, language))
            elif where.place == Place.NAMED:
                parts.append(given("organisation", where.organisation))
            if where.by:
                parts.append(given(where.by, where.group))
            parts += _when(expression.when, language)
            if expression.shows != Shows.VALUE:
                parts.append(written(SHOWS[expression.shows, expression.against], language))
            if expression.scenario:
                parts.append(given("scenario", expression.scenario))
            if expression.unit:
                parts.append(given("unit", expression.unit))
            if expression.at_least != "filed":
                parts.append(given("at_least", written(STATES[expression.at_least], language)))
            return parts


def _when(when: When, language: str) -> list[str]:
    parts = []
    if when.code:
        parts.append(f"{written(GIVEN['period'], language)}={when.code}")
    if when.part is not None:
        parts.append(_part(when.part, when.number, language))
    parts += [written(PREVIOUS, language)] if when.previous else []
    parts += [written(YEAR_AGO, language)] if when.year_ago else []
    return [*parts, written(TO_DATE[when.to_date], language)] if when.to_date else parts


def _part(kind: PartKind, number: int, language: str) -> str:
    word = written(PARTS[kind], language)
    if language.startswith("zh"):
        return f"第{number}{word}" if number else f"末{word}"
    return f"{word} {number}" if number else f"last {word}"
