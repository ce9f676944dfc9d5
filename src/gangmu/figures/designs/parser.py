"""From the text of a cell to its tree. Bounded in length and number; nothing nests."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from difflib import get_close_matches

from django.utils.translation import gettext as _

from gangmu.figures.designs import words
from gangmu.figures.designs.errors import ExpressionError
from gangmu.figures.designs.tree import (
    OF_PERIODS,
    Against,
    CellText,
    Expression,
    Figure,
    Head,
    Heading,
    PartKind,
    Place,
    Repeat,
    Shows,
    When,
    Where,
)
from gangmu.figures.designs.vocabulary import Named, Names, Vocabulary
from gangmu.figures.indicators.units import UnknownUnit, parse_unit
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period

LONGEST_CELL = 2_000
LONGEST_EXPRESSION = 400
MOST_IN_A_CELL = 20
MOST_OPTIONS = 12
MOST_ROWS_OF_A_REPEAT = 20
LAST_PART = 366

OPEN = re.compile(r"\{\{|｛｛")
CLOSE = re.compile(r"\}\}|｝｝")
SEPARATORS = ",，;；"
NUMBERED = (
    re.compile(r"第?(\d{1,4})(个月|季度|[日天旬周月季])"),
    re.compile(r"(末)(季度|[日天旬周月季])"),
)
NUMBERED_EN = (re.compile(r"(day|ten-day|week|month|quarter) (\d{1,4})"), re.compile(r"(last) (\S+)"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """One part between separators. `is_name`: it stood between 「 and 」."""

    text: str
    column: int
    given: str = ""  # left of the equals sign
    is_name: bool = False


def parse_cell(text: str, vocabulary: Vocabulary) -> CellText | None:
    """The expressions of a cell's text; None for a text without any.

    Raises:
        ExpressionError: with the column in `text`.
    """
    if OPEN.search(text) is None:
        return None
    if len(text) > LONGEST_CELL:
        raise ExpressionError(
            _("the cell has %(length)d characters; with expressions it may have %(most)d.")
            % {"length": len(text), "most": LONGEST_CELL},
            1,
        )
    parts: list[str | Expression] = []
    columns: list[int] = []
    position = 0
    while (start := OPEN.search(text, position)) is not None:
        if len(columns) == MOST_IN_A_CELL:
            message = _("a cell holds at most %(most)d expressions.") % {"most": MOST_IN_A_CELL}
            raise ExpressionError(message, start.start() + 1)
        if start.start() > position:
            parts.append(text[position : start.start()])
        end = _end(text, start.end())
        parts.append(parse(text[start.end() : end], vocabulary, start.end() + 1))
        columns.append(start.start() + 1)
        position = end + 2
    if position < len(text):
        parts.append(text[position:])
    spaced = [part for part in parts if not isinstance(part, str) or part.strip()]
    return CellText(tuple(spaced if len(spaced) == 1 else parts), tuple(columns))


def _end(text: str, start: int) -> int:
    """Where an expression closes; names between 「 and 」 may hold anything."""
    position = start
    while True:
        close, name = CLOSE.search(text, position), text.find("「", position)
        if close is None:
            raise ExpressionError(_("{{ is not closed by }}."), start - 1)
        if name < 0 or name > close.start():
            return close.start()
        position = text.find("」", name) + 1
        if position == 0:
            raise ExpressionError(_("「 is not closed by 」."), name + 1)


def parse(text: str, vocabulary: Vocabulary, column: int = 1) -> Expression:
    """The tree of one expression, without its braces.

    Args:
        column: where the text begins in the cell.

    Raises:
        ExpressionError: with the column counted from `column`.
    """
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(
            _("the expression has %(length)d characters; at most %(most)d are read.")
            % {"length": len(text), "most": LONGEST_EXPRESSION},
            column,
        )
    first, *options = _pieces(text, column)
    word = "" if first.is_name else words.plain(first.text)
    if first.given:
        raise ExpressionError(_("an expression begins with an indicator, a heading or “each child”."), first.column)
    if not first.is_name and first.text in vocabulary.indicators.by_code:
        word = ""  # a code is a code, whatever the language calls so
    if word in words.REPEATS_BY_WORD:
        return _repeat(words.REPEATS_BY_WORD[word], options, vocabulary)
    if word in words.HEADS_BY_WORD:
        return _heading(words.HEADS_BY_WORD[word], options)
    indicator = _one(first, vocabulary.indicators, _("indicator"), words.FIRST_WORDS)
    return _Options(vocabulary, options).figure(indicator.code)


def _pieces(text: str, column: int) -> list[_Piece]:
    pieces: list[_Piece] = []
    position = 0
    for end in [*_separators(text, column), len(text)]:
        pieces.append(_piece(text[position:end], column + position))
        position = end + 1
    if len(pieces) > MOST_OPTIONS:
        message = _("an expression has at most %(most)d parts.") % {"most": MOST_OPTIONS}
        raise ExpressionError(message, pieces[MOST_OPTIONS].column)
    return pieces


def _separators(text: str, column: int) -> list[int]:
    found, inside = [], -1
    for position, character in enumerate(text):
        if character == "「" and inside < 0:
            inside = position
        elif character == "」":
            inside = -1
        elif inside < 0 and character in SEPARATORS:
            found.append(position)
    if inside >= 0:
        raise ExpressionError(_("「 is not closed by 」."), column + inside)
    return found


def _piece(text: str, column: int) -> _Piece:
    column += len(text) - len(text.lstrip())
    text = text.strip()
    if not text:
        raise ExpressionError(_("between two commas, or before the end, something is missing."), column)
    given = ""
    if not text.startswith("「"):
        equals = re.search("[=＝]", text)
        if equals:
            given = text[: equals.start()].strip()
            rest = text[equals.end() :]
            if not given or not rest.strip():
                raise ExpressionError(_("on one side of = something is missing."), column)
            column += equals.end() + len(rest) - len(rest.lstrip())
            text = rest.strip()
    if text.startswith("「"):
        if not text.endswith("」") or not text[1:-1].strip() or "」" in text[1:-1]:
            raise ExpressionError(_("a name stands between 「 and 」, and nothing else beside it."), column)
        return _Piece(text[1:-1].strip(), column, given, True)
    strange = re.search(r"[「」{}｛｝]", text)
    if strange:
        message = _("%(sign)s makes no sense here.") % {"sign": strange[0]}
        raise ExpressionError(message, column + strange.start())
    return _Piece(text, column, given)


def _one(piece: _Piece, names: Names, what: str, others: Collection[str] = ()) -> Named:
    found = names.found(piece.text, by_code=not piece.is_name)
    if len(found) == 1:
        return found[0]
    if found:
        codes = ", ".join(sorted(one.code for one in found)[:5])
        message = _("several bear the name 「%(name)s」: write one of the codes %(codes)s.")
        raise ExpressionError(message % {"name": piece.text, "codes": codes}, piece.column)
    near = names.near(piece.text)
    if not near and others:
        near = next(iter(get_close_matches(words.plain(piece.text), sorted(others), n=1, cutoff=0.6)), "")
    message = _("there is no %(what)s “%(name)s”.") % {"what": what, "name": piece.text[:60]}
    raise ExpressionError(message + _meant(near), piece.column)


def _meant(near: str) -> str:
    return " " + _("Did you mean “%(code)s”?") % {"code": near} if near else ""


def _repeat(by: str, options: list[_Piece], vocabulary: Vocabulary) -> Repeat:
    repeat, seen = Repeat(by), set[str]()
    for piece in options:
        key = words.GIVEN_BY_WORD.get(words.plain(piece.given), "")
        if key in seen or key not in {"organisation", "rows"}:
            raise ExpressionError(
                _("here may stand, once each: organisation=… (whose members) and rows=… (how many are repeated)."),
                piece.column,
            )
        seen.add(key)
        if key == "organisation":
            repeat = replace(repeat, organisation=_one(piece, vocabulary.organisations, _("organisation")).code)
        else:
            repeat = replace(repeat, rows=_rows(piece))
    return repeat


def _rows(piece: _Piece) -> int:
    if re.fullmatch(r"[0-9]{1,3}", piece.text) and 1 <= int(piece.text) <= MOST_ROWS_OF_A_REPEAT:
        return int(piece.text)
    raise ExpressionError(
        _("a number of rows from 1 to %(most)d is wanted.") % {"most": MOST_ROWS_OF_A_REPEAT}, piece.column
    )


def _heading(head: Head, options: list[_Piece]) -> Heading:
    if options and head not in OF_PERIODS:
        raise ExpressionError(_("nothing more is said of this heading."), options[0].column)
    reading = _Options(None, options)
    for piece in options:
        if not reading.period(piece):
            raise ExpressionError(
                _("“%(text)s” is no period.") % {"text": piece.text[:60]} + _near_option(piece.text), piece.column
            )
    return Heading(head, reading.when)


def _near_option(text: str) -> str:
    return _meant(next(iter(get_close_matches(words.plain(text), sorted(words.OPTION_WORDS), n=1, cutoff=0.5)), ""))


class _Options:
    """The options of a figure being read; each is said once, in any order."""

    def __init__(self, vocabulary: Vocabulary | None, pieces: list[_Piece]) -> None:
        self.vocabulary, self.pieces = vocabulary, pieces
        self.when, self.where = When(), Where()
        self.shows: tuple[Shows, Against | None] = (Shows.VALUE, None)
        self.at_least, self.scenario, self.unit = "filed", "", ""
        self.seen: set[str] = set()

    def figure(self, indicator: str) -> Figure:
        for piece in self.pieces:
            if not (self.period(piece) or self._shown(piece) or self._place(piece) or self._other(piece)):
                message = _("“%(text)s” is not understood here.") % {"text": (piece.given or piece.text)[:60]}
                raise ExpressionError(message + _near_option(piece.given or piece.text), piece.column)
        return Figure(
            indicator, self.shows[0], self.shows[1], self.where, self.when, self.at_least, self.scenario, self.unit
        )

    def _once(self, what: str, piece: _Piece) -> None:
        if what in self.seen:
            message = _("“%(text)s”: this has been said before in the same expression.") % {"text": piece.text[:60]}
            raise ExpressionError(message, piece.column)
        self.seen.add(what)

    def period(self, piece: _Piece) -> bool:
        """Whether a piece says something of the period; then it is taken."""
        if piece.given:
            if words.GIVEN_BY_WORD.get(words.plain(piece.given)) != "period":
                return False
            self._once("base", piece)
            self.when = replace(self.when, code=_period_code(piece))
            return True
        if piece.is_name:
            return False
        word = words.plain(piece.text)
        single = words.SINGLE_BY_WORD.get(word)
        if single == "this_period":
            self._once("base", piece)
        elif single in {"previous", "year_ago"}:
            self._once(single, piece)
            self.when = replace(self.when, **{single: True})
        elif word in words.TO_DATE_BY_WORD:
            self._once("to_date", piece)
            self.when = replace(self.when, to_date=words.TO_DATE_BY_WORD[word])
        elif (part := _part(word)) is not None:
            self._once("base", piece)
            if part[1] > LAST_PART or part[1] < 0:
                raise ExpressionError(_("parts are counted from 1 to %(most)d.") % {"most": LAST_PART}, piece.column)
            self.when = replace(self.when, part=part[0], number=part[1])
        else:
            return False
        return True

    def _shown(self, piece: _Piece) -> bool:
        shown = None if piece.given or piece.is_name else words.SHOWS_BY_WORD.get(words.plain(piece.text))
        if shown is None:
            return False
        self._once("shows", piece)
        self.shows = shown
        return True

    def _place(self, piece: _Piece) -> bool:
        assert self.vocabulary is not None
        if not piece.given and not piece.is_name and words.SINGLE_BY_WORD.get(words.plain(piece.text)) == "own":
            self._once("organisation", piece)
            self.where = replace(self.where, place=Place.OWN)
            return True
        key = words.GIVEN_BY_WORD.get(words.plain(piece.given), "") if piece.given else ""
        if key == "organisation":
            self._once("organisation", piece)
            found = _one(piece, self.vocabulary.organisations, _("organisation"))
            self.where = replace(self.where, place=Place.NAMED, organisation=found.code)
        elif key in {"fuel", "province", "kind"}:
            self._once("group", piece)
            found = _one(piece, self.vocabulary.groups.get(key, Names(())), piece.given)
            self.where = replace(self.where, by=key, group=found.code)
        else:
            return False
        return True

    def _other(self, piece: _Piece) -> bool:
        assert self.vocabulary is not None
        key = words.GIVEN_BY_WORD.get(words.plain(piece.given), "") if piece.given else ""
        if key == "at_least":
            self._once(key, piece)
            state = words.STATES_BY_WORD.get(words.plain(piece.text))
            if state is None:
                known = ", ".join(words.written(both, "zh") + " " + code for code, both in words.STATES.items())
                raise ExpressionError(_("the states are: %(known)s.") % {"known": known}, piece.column)
            self.at_least = state
        elif key == "scenario":
            self._once(key, piece)
            if piece.text not in self.vocabulary.scenarios:
                near = next(iter(get_close_matches(piece.text, sorted(self.vocabulary.scenarios), n=1)), "")
                message = _("there is no %(what)s “%(name)s”.") % {"what": _("scenario"), "name": piece.text[:60]}
                raise ExpressionError(message + _meant(near), piece.column)
            self.scenario = piece.text
        elif key == "unit":
            self._once(key, piece)
            try:
                self.unit = parse_unit(piece.text).text
            except UnknownUnit as error:
                raise ExpressionError(str(error), piece.column) from error
        else:
            return False
        return True


def _period_code(piece: _Piece) -> str:
    try:
        return Period.parse(piece.text).code
    except PeriodError as error:
        near = f" {_('Write %(code)s instead.') % {'code': error.suggestion}}" if error.suggestion else ""
        message = _("“%(text)s” is no period.") % {"text": piece.text[:60]} + near
        raise ExpressionError(message, piece.column) from error


def _part(word: str) -> tuple[PartKind, int] | None:
    """The part of the period that a word names, such as 第3日 or `day 3`; its number is 0 for the last."""
    if word in words.TEN_DAYS:
        return PartKind.TEN_DAY, words.TEN_DAYS[word]
    if found := NUMBERED[0].fullmatch(word):
        return words.PARTS_BY_WORD[found[2]], int(found[1]) or -1
    if found := NUMBERED[1].fullmatch(word):
        return words.PARTS_BY_WORD[found[2]], 0
    if found := NUMBERED_EN[0].fullmatch(word):
        return words.PARTS_BY_WORD[found[1]], int(found[2]) or -1
    if (found := NUMBERED_EN[1].fullmatch(word)) and found[2] in words.PARTS_BY_WORD:
        return words.PARTS_BY_WORD[found[2]], 0
    return None
