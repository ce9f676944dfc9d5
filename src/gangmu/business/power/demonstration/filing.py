"""The sheets of the last days: filled in, handed in and decided on by the demonstration's people, tier by tier.

Only filling in takes a short way: cells are written as they would stand after typing. Everything else goes through the
services that pages call, many sheets at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
from django.db import connection

from gangmu.business.power.demonstration.figures import Block
from gangmu.business.power.demonstration.people import Everybody
from gangmu.business.power.demonstration.scenes import Change, Scene, Stage
from gangmu.figures.filing.errors import WordsNeeded
from gangmu.figures.filing.models import Mark, Sheet
from gangmu.figures.filing.queries import Filing
from gangmu.figures.filing.queries.checking import examine
from gangmu.figures.filing.services.events import event, log
from gangmu.figures.filing.services.opening import due_at
from gangmu.figures.filing.services.submitting import submit_many
from gangmu.figures.filing.services.words import explain
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.services import approve_many, return_
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

OUT_OF_SERVICE = "停运"  # as a clerk types the mark
WORDS = "已与运行日志核对，数据属实。"
RETURNED_BY_THE_PLANT = "2号机组发电量与运行日志不一致，请核对后重新提交。"
RETURNED_BY_THE_REGION = "来煤量与燃料系统相差较大，请核实。"
FILLED, SENT, REVIEWED, PASSED, APPROVED = time(7, 20), time(7, 50), time(8, 5), time(8, 25), time(8, 45)

Cell = tuple[str, str]  # organisation, indicator


@dataclass(frozen=True)
class Typed:
    """What stands in a cell: the text, its value as stored, its mark."""

    text: str
    value: int | None
    mark: int = 0


class LastDays:
    """Takes figures that come through sheets out of the blocks, by day and filing plant."""

    def __init__(self, kept: Mapping[date, Collection[str]], filer_of: Mapping[str, str]) -> None:
        """`kept`: the plants whose figures of a day come through sheets; `filer_of`: who files for an organisation."""
        self.kept, self.filer_of = {day: frozenset(plants) for day, plants in kept.items()}, filer_of
        self.figures: dict[date, dict[str, dict[Cell, Typed]]] = {day: defaultdict(dict) for day in kept}

    def passed(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks without those figures."""
        for block in blocks:
            present = block.present.copy()
            for day, plants in self.kept.items():
                column = (day - block.first).days
                if 0 <= column < present.shape[1]:
                    rows = np.array([self.filer_of[code] in plants for code in block.organisations])
                    self._take(block, rows, column, self.figures[day])
                    present[rows, column] = False
            yield replace(block, present=present)

    def _take(self, block: Block, rows: np.ndarray, column: int, by_plant: dict[str, dict[Cell, Typed]]) -> None:
        there, out, values = block.present[:, column], block.out[:, column], block.values[:, column]
        for row in np.flatnonzero((there | out) & rows).tolist():
            code = block.organisations[row]
            value = int(values[row]) if there[row] else None
            typed = Typed(OUT_OF_SERVICE, value, int(Mark.OUT_OF_SERVICE))
            if not out[row]:
                typed = Typed(str(Decimal(int(values[row])).scaleb(-block.precision)), value)
            by_plant[self.filer_of[code]][code, block.indicator] = typed


@contextmanager
def morning_after(day: date, at: time) -> Iterator[None]:
    """A time of the next morning, at which a day is filed; or now, when that has not come."""
    moment = datetime.combine(day + timedelta(days=1), at, clock.BUSINESS_ZONE)
    with clock.frozen(min(moment, clock.now())):
        yield


def file_day(
    day: date,
    days_before: int,
    figures: Mapping[str, Mapping[Cell, Typed]],
    filings: Sequence[Filing],
    parts: Mapping[str, Scene],
    people: Everybody,
    region_of: Mapping[str, str],
) -> None:
    """File a day at every plant as far as its part says.

    Args:
        days_before: of yesterday: 0 is yesterday.
        figures: what each plant files.
        filings: who files which form.
    """
    stage = {plant: parts[plant].stages[days_before] if plant in parts else Stage.APPROVED for plant in figures}
    wanted = [one for one in filings if stage.get(one.organisation.code, Stage.MISSING) > Stage.MISSING]
    with morning_after(day, FILLED):
        sheets = _open(wanted, day, people)
        cells = {plant: _typed(plant, figures[plant], stage[plant], parts.get(plant)) for plant in sheets}
        _fill(sheets, cells, people)
    sent = {plant: sheet for plant, sheet in sheets.items() if stage[plant].is_submitted}
    words = {plant: change.words for plant, scene in parts.items() if (change := scene.change)}
    with morning_after(day, SENT):
        cases = _submit(sent, day, people, words)
    with morning_after(day, REVIEWED):
        reviewed = {plant: case for plant, case in cases.items() if stage[plant] >= Stage.AT_THE_REGION}
        _approve(reviewed, lambda plant: people.staff[plant].reviewer, f"plant {day}")
        for plant in (plant for plant in cases if stage[plant] == Stage.RETURNED_BY_THE_PLANT):
            _return(cases[plant], people.staff[plant].reviewer, RETURNED_BY_THE_PLANT)
    with morning_after(day, PASSED):
        passed = {plant: case for plant, case in cases.items() if stage[plant] >= Stage.AT_THE_GROUP}
        _approve(passed, lambda plant: people.regions[region_of[plant]], f"region {day}")
        for plant in (plant for plant in cases if stage[plant] == Stage.RETURNED_BY_THE_REGION):
            _return(cases[plant], people.regions[region_of[plant]], RETURNED_BY_THE_REGION)
    with morning_after(day, APPROVED):
        approved = {plant: case for plant, case in cases.items() if stage[plant] == Stage.APPROVED}
        _approve(approved, lambda _plant: people.group, f"group {day}")


# Filling in -----------------------------------------------------------------------------------------------------------


def _open(filings: Sequence[Filing], day: date, people: Everybody) -> dict[str, Sheet]:
    period = Period.day(day)
    codes = {filing.organisation.pk: filing.organisation.code for filing in filings}
    sheets = Sheet.objects.bulk_create(
        Sheet(
            form=filing.form,
            form_code=filing.form.code,
            organisation_id=filing.organisation.pk,
            period=day,
            due_at=due_at(filing.form.defined, period),
            opened_at=clock.now(),
            version=1,
        )
        for filing in filings
    )
    found = {codes[sheet.organisation_id]: sheet for sheet in sheets}
    log(event(sheet, "opened", by=people.staff[plant].clerk, form=sheet.form.version) for plant, sheet in found.items())
    return found


def _typed(plant: str, cells: Mapping[Cell, Typed], stage: Stage, scene: Scene | None) -> Mapping[Cell, Typed]:
    if stage == Stage.BEGUN:  # the units' figures without the last one's, nothing of the plant yet
        units = sorted({one for one, _indicator in cells} - {plant})
        return {key: typed for key, typed in cells.items() if key[0] in (units[:-1] or units)}
    if scene and scene.change and (plant, scene.change.indicator) in cells:
        return _changed(plant, cells, scene.change)
    return cells


def _changed(plant: str, cells: Mapping[Cell, Typed], change: Change) -> Mapping[Cell, Typed]:
    key = plant, change.indicator
    before = Decimal(cells[key].text)
    text = (before * change.factor).quantize(before)
    value = int(text.scaleb(-int(before.as_tuple().exponent)))
    return {**cells, key: Typed(str(text), value)}


def _fill(sheets: Mapping[str, Sheet], cells: Mapping[str, Mapping[Cell, Typed]], people: Everybody) -> None:
    """Write the cells, all at once."""
    codes = {code for typed in cells.values() for code, _indicator in typed}
    organisations = dict(Organisation.objects.filter(code__in=codes).values_list("code", "pk"))
    indicators = dict(Indicator.objects.values_list("code", "pk"))
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY filing_cell (sheet_id, organisation_id, indicator_id, text, value, mark, version, edited_by_id,"
            " edited_by_name, edited_at) FROM STDIN"
        ) as copy,
    ):
        for plant, typed in cells.items():
            sheet, clerk = sheets[plant], people.staff[plant].clerk
            for (code, indicator), one in typed.items():
                copy.write_row(
                    (
                        sheet.pk,
                        organisations[code],
                        indicators[indicator],
                        one.text,
                        one.value,
                        one.mark,
                        1,
                        clerk.pk,
                        str(clerk)[:80],
                        clock.now(),
                    )
                )


# On the way -----------------------------------------------------------------------------------------------------------


def _submit(sheets: Mapping[str, Sheet], day: date, people: Everybody, words: Mapping[str, str]) -> dict[str, Case]:
    """Hand sheets in, those of one clerk together; what stands out is explained."""
    plants = {sheet.pk: plant for plant, sheet in sheets.items()}
    cases: dict[str, Case] = {}
    for clerk, mine in _by_user(sheets, lambda plant: people.staff[plant].clerk):
        waiting = [sheets[plant] for plant in mine]
        for again in (False, True):
            answers = submit_many(waiting, by=clerk, key=f"demonstration {day}")
            cases |= {plants[pk]: case for pk, case in answers.items() if isinstance(case, Case)}
            waiting = [sheet for sheet in waiting if not isinstance(answers[sheet.pk], Case)]
            for sheet in waiting:
                if again or not isinstance(answers[sheet.pk], WordsNeeded):
                    raise RuntimeError(f"{plants[sheet.pk]} {day}: {answers[sheet.pk]}")
            for sheet in waiting:
                for finding in examine([sheet])[sheet.pk].unexplained:
                    explain(sheet, finding, words=words.get(plants[sheet.pk], WORDS), by=clerk)
            if not waiting:
                break
    return cases


def _approve(cases: Mapping[str, Case], who: Callable[[str], User], key: str) -> None:
    for user, plants in _by_user(cases, who):
        seen = [(cases[plant].pk, cases[plant].content_hash) for plant in plants]
        for outcome in approve_many(seen, by=user, key=f"demonstration {key}"):
            if outcome.error is not None:
                raise RuntimeError(f"{user} {key}: {outcome.error}")


def _return(case: Case, by: User, reason: str) -> None:
    return_(case.pk, by=by, seen=case.content_hash, key=f"demonstration {case.pk}", reason=reason)


def _by_user(plants: Iterable[str], who: Callable[[str], User]) -> list[tuple[User, list[str]]]:
    users: dict[int, User] = {}
    groups: dict[int, list[str]] = defaultdict(list)
    for plant in plants:
        user = who(plant)
        users[user.pk] = user
        groups[user.pk].append(plant)
    return [(users[pk], mine) for pk, mine in groups.items()]
