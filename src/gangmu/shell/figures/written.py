"""An explanation as lines of text, for a terminal. It says what the page says."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from gangmu.figures.cube.question import Question
from gangmu.foundation.settings.clock import BUSINESS_ZONE
from gangmu.foundation.ui.templatetags.ui import number
from gangmu.shell.figures.asking import Asked
from gangmu.shell.figures.explaining import Explained
from gangmu.shell.figures.life import Life
from gangmu.shell.figures.lines import Line

MOST_LINES = 31


def written(row: dict[str, Any], question: Question) -> str:
    """One row of `explain` as text."""
    asked = Asked(
        (row["indicator"],),
        row["organisation"],
        row["period"],
        question.by or "",
        question.compare or "",
        question.structure,
        question.at_least,
        question.scenario,
        question.scope or "",
    )
    one = Explained(row, asked, row["organisation"], row["group"] or "", row["group"])
    return "\n".join(_lines(one))


def _lines(one: Explained) -> Iterator[str]:
    yield one.title
    yield _joined(f"{one.value} {one.row['unit']}".strip(), one.state, *one.marks, one.settled)
    if compared := one.compared:
        yield _joined(f"{compared['label']} {compared['period']}: {compared['value']}", compared["moved"] or "")
    formula = one.row["formula"]
    if formula:
        yield f"  = {formula['text']}"
        if formula["with_numbers"]:
            yield f"  = {formula['with_numbers']}"
    if tax := one.tax:
        yield f"{_('Tax')}: {tax.basis}"
        for rate in tax.rates:
            checked = "" if rate["verified"] else _("unverified")
            yield "  " + _joined(f"{rate['name']} {rate['percent']}%", rate["days"], rate["source"], checked)
    if one.scope_name:
        yield f"{_('Statistical scope')}: {one.scope_name}"
    coverage = one.row["coverage"]
    yield f"{_('Coverage')}: {number(coverage['reported'])} / {number(coverage['expected'])} ({one.share}%)"
    if one.states:
        yield "  " + _joined(*(f"{word} {number(count)}" for word, _tone, count, _start, _width in one.states))
    yield from _absent(one)
    if one.life:
        yield from _entry(one.life)
    yield from _made_of(_("By organisation"), one.children)
    yield from _made_of(_("By period"), one.periods)
    if one.row["sources"]:
        yield f"{_('Where the entries come from')}:"
        for batch in one.batches:
            used = number(batch["facts"])
            yield "  " + _joined(f"№ {batch['id']}", batch["kind"], batch.get("source"), _at(batch["recorded_at"]),
                                 batch.get("recorded_by"), batch.get("reason"), f"× {used}")  # fmt: skip
    yield f"{_('Definition')}: " + _joined(one.made, one.level, one.grain, one.over_time, one.over_organisations)
    yield "  " + _joined(one.source, one.row["definition"]["version"])


def _absent(one: Explained) -> Iterator[str]:
    if not one.missing:
        return
    yield f"{_('Who is missing')}:"
    for who in one.missing:
        people = "; ".join(f"{person['name']} {person['phone']}".strip() for person in who["call"])
        yield "  " + _joined(
            f"{who['name']} {who['code']}", f"{number(who['missing'])} / {number(who['expected'])}", people
        )
    if one.missing_more > 0:
        yield f"  … {number(one.missing_more)}"


def _entry(life: Life) -> Iterator[str]:
    yield f"{_('This entry')}: " + _joined(life.origin[0], life.file, life.filed_by, _at(life.filed_at))
    for step in reversed(life.steps):
        changed = " → ".join(filter(None, (step.old, step.new)))
        yield "  " + _joined(_at(step.at), step.title, step.by, changed, step.note, step.words)


def _made_of(title: str, lines: Sequence[Line]) -> Iterator[str]:
    if not lines:
        return
    yield f"{title}:"
    for line in lines[:MOST_LINES]:
        coverage = line.row["coverage"]
        told = f"{number(coverage['reported'])} / {number(coverage['expected'])}"
        yield "  " + _joined(f"{line.name} {line.code}".strip(), line.value, told, line.state)
    if len(lines) > MOST_LINES:
        yield f"  … {number(len(lines) - MOST_LINES)}"


def _joined(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)


def _at(moment: datetime | None) -> str:
    return moment.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M") if moment else ""
