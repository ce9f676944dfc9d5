"""Makes a world on which two answers differ as small as it can, so that a person can see why."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from oracle.world import AnyQuestion, FactFile, Indicator, Scope, ScopePart, World

Wrong = Callable[[World, AnyQuestion], bool]


class _Spent(Exception):
    """No more tries are left."""


class _Shrinking:
    def __init__(self, world: World, question: AnyQuestion, still_wrong: Wrong, tries: int) -> None:
        self.world, self.question = world, question
        self.still_wrong = still_wrong
        self.tries = tries

    def keep_if_wrong(self, world: World, question: AnyQuestion) -> bool:
        if (world, question) == (self.world, self.question):
            return False
        if self.tries == 0:
            raise _Spent
        self.tries -= 1
        if self.still_wrong(world, question):
            self.world, self.question = world, question
            return True
        return False

    def shrink(self) -> None:
        """Round after round, until a whole round changes nothing."""
        try:
            steps = (
                self.asked,
                self.indicators,
                self.organisations,
                self.facts,
                self.attributes,
                self.scopes,
                self.curves,
                self.taxes,
            )
            while sum(step() for step in steps):
                pass
        except _Spent:
            pass

    def facts(self) -> bool:
        """Whole files, then halves, quarters … of a file's lines, then single lines."""
        smaller = False
        for number in reversed(range(len(self.world.files))):
            smaller |= self.keep_if_wrong(_with_file(self.world, number, ()), self.question)
        for number in range(len(self.world.files)):
            length = len(self.world.files[number].lines)
            while length := length // 2:
                start = 0
                while start < len(lines := self.world.files[number].lines):
                    less = lines[:start] + lines[start + length :]
                    if self.keep_if_wrong(_with_file(self.world, number, less), self.question):
                        smaller = True
                    else:
                        start += length
        kept = tuple(file for file in self.world.files if file.lines)
        return self.keep_if_wrong(replace(self.world, files=kept), self.question) or smaller

    def asked(self) -> bool:
        smaller = False
        for name, plainest in (
            ("scope", ""),
            ("compare", ""),
            ("at_least", "filed"),
            ("by", ""),
            ("category", ""),
            ("tax", ""),
            ("structure", "then"),
        ):
            if hasattr(self.question, name):
                smaller |= self.keep_if_wrong(self.world, replace(self.question, **{name: plainest}))
        for indicator in self.world.indicators:  # what the one asked for rests on, before what rests on it
            if indicator.code == self.question.indicator:
                break
            if self.keep_if_wrong(self.world, replace(self.question, indicator=indicator.code)):
                return True
        return smaller

    def indicators(self) -> bool:
        smaller = False
        for number, indicator in enumerate(self.world.indicators):
            kept = list(self.world.indicators)
            for without in ({"earlier": ()}, {"precisions": ()}):
                kept[number] = replace(kept[number], **without)
                smaller |= self.keep_if_wrong(replace(self.world, indicators=tuple(kept)), self.question)
            if indicator.split:
                whole = _without_indicator(self.world, replace(indicator))
                kept[number] = replace(indicator, split="", total="")
                smaller |= self.keep_if_wrong(replace(whole, indicators=tuple(kept)), self.question)
            for plainer in _shorter_ways(self.world, indicator):
                kept[number] = plainer
                smaller |= self.keep_if_wrong(replace(self.world, indicators=tuple(kept)), self.question)
        for indicator in reversed(self.world.indicators):
            if indicator.code != self.question.indicator:
                smaller |= self.keep_if_wrong(_without_indicator(self.world, indicator), self.question)
        return smaller

    def organisations(self) -> bool:
        smaller = False
        for code in self.world.codes():
            if code in self.world.codes():
                smaller |= self.keep_if_wrong(_without_organisation(self.world, code), self.question)
        for code in self.world.codes():
            smaller |= self.keep_if_wrong(_taken_out(self.world, code), self.question)
        for line in self.world.organisations:
            fewer = tuple(other for other in self.world.organisations if other != line)
            smaller |= self.keep_if_wrong(replace(self.world, organisations=fewer), self.question)
        return smaller

    def attributes(self) -> bool:
        smaller = False
        for name in ("capacity_mw", "fuel", "province", "ownership"):
            plain = tuple(replace(line, **{name: ""}) for line in self.world.organisations)
            smaller |= self.keep_if_wrong(replace(self.world, organisations=plain), self.question)
        return smaller

    def curves(self) -> bool:
        """Without curves, with fewer files, with fewer lines."""
        smaller = self.keep_if_wrong(replace(self.world, curves=(), curve_files=()), self.question)
        for number in reversed(range(len(self.world.curve_files))):
            files = list(self.world.curve_files)
            smaller |= self.keep_if_wrong(
                replace(self.world, curve_files=(*files[:number], *files[number + 1 :])), self.question
            )
        for number, file in enumerate(self.world.curve_files):
            for line in file.lines:
                files = list(self.world.curve_files)
                files[number] = replace(files[number], lines=tuple(one for one in files[number].lines if one != line))
                smaller |= self.keep_if_wrong(replace(self.world, curve_files=tuple(files)), self.question)
        return smaller

    def taxes(self) -> bool:
        """Without taxes, with the newest rates alone, with fewer indicators that have them."""
        plain = tuple(replace(one, tax="", filed="") for one in self.world.indicators)
        smaller = self.keep_if_wrong(replace(self.world, indicators=plain, taxes=(), first_taxes=()), self.question)
        smaller |= self.keep_if_wrong(replace(self.world, first_taxes=()), self.question)
        newest = tuple(replace(one, rates=one.rates[-1:]) for one in self.world.taxes)
        smaller |= self.keep_if_wrong(replace(self.world, taxes=newest, first_taxes=()), self.question)
        for number, one in enumerate(self.world.indicators):
            if one.tax:
                kept = list(self.world.indicators)
                kept[number] = replace(one, tax="", filed="")
                smaller |= self.keep_if_wrong(replace(self.world, indicators=tuple(kept)), self.question)
        return smaller

    def scopes(self) -> bool:
        """Fewer scopes, versions, parts and settings."""
        smaller = False
        for one in self.world.scopes:
            left = tuple(other for other in self.world.scopes if other != one)
            smaller |= self.keep_if_wrong(replace(self.world, scopes=left), self.question)
        for number in range(len(self.world.scopes)):
            for plainer in _plainer(self.world.scopes[number]):
                kept = list(self.world.scopes)
                kept[number] = plainer
                smaller |= self.keep_if_wrong(replace(self.world, scopes=tuple(kept)), self.question)
        return smaller


def _shorter_ways(world: World, indicator: Indicator) -> Iterator[Indicator]:
    """Its formula with the name of another in the place of one that rests on the other."""
    for between in world.indicators:
        for said in _names(between):
            if between.formula and said in indicator.formula:
                for below in world.indicators:
                    if below != between and any(name in between.formula for name in _names(below)):
                        yield replace(indicator, formula=indicator.formula.replace(said, f"「{below.name_zh}」"))


def _names(indicator: Indicator) -> tuple[str, ...]:
    return indicator.code, f"「{indicator.name_zh}」", f"「{indicator.name_en}」"


def _plainer(scope: Scope) -> Iterator[Scope]:
    yield replace(scope, new_plants="in")
    yield replace(scope, structure="")
    yield replace(scope, levels=())
    for version in scope.versions:
        others = tuple(one for one in scope.versions if one != version)
        if others:
            yield replace(scope, versions=others)
        parts = [replace(version, exceptions=())]
        parts += [replace(version, count=(part,)) for part in version.count]
        parts += [replace(version, count=(ScopePart(share=part.share),)) for part in version.count]
        for plainer in parts:
            yield replace(scope, versions=tuple(plainer if one == version else one for one in scope.versions))


def _with_file(world: World, number: int, lines: tuple) -> World:
    files = list(world.files)
    files[number] = FactFile(lines, files[number].reason)
    return replace(world, files=tuple(files))


def _without_indicator(world: World, indicator: Indicator) -> World:
    """With its facts; what rests on it makes the world senseless, and then the try fails."""
    gone = {indicator.code, *(part.code for part in world.parts(indicator))}
    files = tuple(
        FactFile(tuple(line for line in file.lines if line.indicator not in gone), file.reason) for file in world.files
    )
    return replace(world, indicators=tuple(one for one in world.indicators if one != indicator), files=files)


def _without_organisation(world: World, code: str) -> World:
    """With its facts; its children go with it, whenever they were its children."""
    gone = {code}
    while more := {line.code for line in world.organisations if line.parent in gone} - gone:
        gone |= more
    files = tuple(
        FactFile(tuple(line for line in file.lines if line.organisation not in gone), file.reason)
        for file in world.files
    )
    return replace(world, organisations=tuple(o for o in world.organisations if o.code not in gone), files=files)


def _taken_out(world: World, code: str) -> World:
    """Without it, its facts and its level: its children stand below its first parent."""
    parent = next(line.parent for line in world.organisations if line.code == code)
    lines = tuple(
        replace(line, parent=parent) if line.parent == code else line
        for line in world.organisations
        if line.code != code
    )
    files = tuple(
        FactFile(tuple(line for line in file.lines if line.organisation != code), file.reason) for file in world.files
    )
    return replace(world, organisations=lines, files=files)


def shrink(world: World, question: AnyQuestion, still_wrong: Wrong, tries: int) -> tuple[World, AnyQuestion]:
    """The smallest world and simplest question found for which `still_wrong` says yes."""
    shrinking = _Shrinking(world, question, still_wrong, tries)
    shrinking.shrink()
    return shrinking.world, shrinking.question
