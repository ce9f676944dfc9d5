"""Precision with dates 精度随时间变化: how many decimals the figures of an indicator have, and since when.

A figure of a period has the decimals that hold on the period's last day. All figures of an indicator are stored with
the same decimals, the most that it ever had: nothing is lost when there are fewer from some day on.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

MOST_DECIMALS = 9
MOST_PRECISIONS = 9  # precisions that an indicator had before


@dataclass(frozen=True, slots=True)
class EarlierPrecision:
    """Decimals that were valid before 以前的精度: `until` is their last day."""

    until: date
    precision: int


def decimals_on(day: date, precision: int, earlier: Iterable[EarlierPrecision]) -> int:
    """The decimals that hold on a day; `precision` are the newest."""
    return next((one.precision for one in earlier if day <= one.until), precision)


def decimals_since(day: date, earlier: Iterable[EarlierPrecision]) -> date | None:
    """The first day of the decimals that hold on a day; None: they held from the beginning."""
    ended = [one.until for one in earlier if one.until < day]
    return ended[-1] + timedelta(days=1) if ended else None


def read_precisions(text: str) -> tuple[EarlierPrecision, ...]:
    """Earlier precisions as they are kept in a row."""
    return tuple(EarlierPrecision(date.fromisoformat(day), count) for day, count in json.loads(text)) if text else ()


def written_precisions(precisions: Iterable[EarlierPrecision]) -> str:
    """Earlier precisions as a row keeps them; nothing where there are none."""
    rows = [[one.until.isoformat(), one.precision] for one in precisions]
    return json.dumps(rows) if rows else ""


def greatest(precision: int, earlier: Iterable[EarlierPrecision]) -> int:
    """The decimals with which figures are stored."""
    return max([precision, *(one.precision for one in earlier)])


def span(day: date, earlier: Sequence[EarlierPrecision]) -> str:
    """Since when the decimals of a day hold, or until when those of the beginning do; empty where nothing is dated."""
    since = decimals_since(day, earlier)
    if since is not None:
        return _("since %(day)s") % {"day": since.isoformat()}
    return _("until %(day)s") % {"day": earlier[0].until.isoformat()} if earlier else ""


def dated(before: Sequence[EarlierPrecision], newest: int, wanted: int, since: date) -> tuple[EarlierPrecision, ...]:
    """The precisions before `wanted`, when it holds from a day on: those that stay valid before that day.

    Args:
        before, newest: what stands.
    """
    last = since - timedelta(days=1)
    kept = [one for one in before if one.until < last]
    valid = decimals_on(last, newest, before)
    if valid != wanted:
        kept.append(EarlierPrecision(last, valid))
    return tuple(kept)
