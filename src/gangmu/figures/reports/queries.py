"""Editions, as far as row security shows them to the asker."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from gangmu.figures.reports import definitions, makers
from gangmu.figures.reports.content import Block, Cell, Content, Key, content_of
from gangmu.figures.reports.models import Edition
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period


def all_editions() -> QuerySet[Edition]:
    """The editions of every report, the newest first; without their contents."""
    rows = Edition.objects.select_related("organisation").defer("content")
    return rows.order_by("-last_day", "organisation__sort_key", "report", "-number")


def editions(report: str) -> QuerySet[Edition]:
    """The editions of a report, the newest first; without their contents."""
    return Edition.objects.filter(report=report).select_related("organisation").defer("content")


def editions_of(report: str, organisation: Organisation, period: Period) -> QuerySet[Edition]:
    return editions(report).filter(organisation=organisation, period=period.code).order_by("-number")


def last_edition(report: str, organisation: Organisation, period: Period) -> Edition | None:
    return editions_of(report, organisation, period).first()


def last_editions(report: str, periods: Sequence[Period]) -> dict[tuple[int, str], Edition]:
    """The last edition of every organisation and period, in one query; without their contents."""
    rows = editions(report).filter(period__in=[one.code for one in periods])
    rows = rows.order_by("organisation_id", "period", "-number").distinct("organisation_id", "period")
    return {(one.organisation_id, one.period): one for one in rows}


def title(code: str) -> Words:
    """What a report is called; its code where nobody makes it any more."""
    known = definitions.report(code)
    return known.title if known else makers.titles().get(code, Words(code, code))


def address(edition: Edition, **more: str) -> str:
    """The page that shows an edition."""
    if definitions.report(edition.report) is None and (maker := makers.maker_of(edition.report)) is not None:
        return maker.address(edition, **more)
    query = {"organisation": str(edition.organisation.code), "period": edition.period, "edition": str(edition.number)}
    return f"{reverse('reports:report', args=[edition.report])}?{urlencode({**query, **more})}"


@dataclass(frozen=True)
class Difference:
    """A figure that two contents tell differently; None where one of them has no such figure."""

    section: Words
    line: Words
    head: Words
    before: Cell | None
    after: Cell | None


def differences(before: Content, after: Content) -> list[Difference]:
    """Which figures, or their states, changed from one content to another, in the order of the report."""
    old, new = before.figures(), after.figures()
    changed = {
        key
        for key in old.keys() | new.keys()
        if key not in old or key not in new or (old[key].value, old[key].state) != (new[key].value, new[key].state)
    }
    found: dict[Key, Difference] = {}
    for content in (after, before):
        for section, block, line, head, cell in _each(content):
            if cell.key in changed and cell.key not in found:
                title = section if block.title is None else Words(
                    f"{section.zh} · {block.title.zh}", f"{section.en} · {block.title.en}"
                )  # fmt: skip
                found[cell.key] = Difference(title, line, head, old.get(cell.key), new.get(cell.key))
    return list(found.values())


def _each(content: Content) -> Iterable[tuple[Words, Block, Words, Words, Cell]]:
    for section in content.sections:
        for block in section.blocks:
            for line in block.lines:
                for head, cell in zip(block.heads, line.cells, strict=True):
                    if cell is not None and cell.indicator:
                        yield section.title, block, line.label, head, cell


def kept(edition: Edition) -> Content:
    """What an edition says."""
    return content_of(edition.content)
