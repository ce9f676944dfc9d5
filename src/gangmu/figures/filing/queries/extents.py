"""The days that figures speak of."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import connection


def days_filed(codes: Collection[str]) -> Mapping[str, tuple[date, date]]:
    """Of indicators with figures that count, by code: the last day of the first period and the first day of the last,
    in every scenario."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.code, min(f.period), max(f.period), i.grain = 'month' FROM indicators_indicator i"
            " JOIN filing_fact f ON f.indicator_id = i.id AND f.superseded_by_id IS NULL"
            " WHERE i.code = ANY (%s) GROUP BY i.id",
            [list(codes)],
        )
        return {code: (_end_of(first) if monthly else first, last) for code, first, last, monthly in cursor.fetchall()}


def _end_of(month: date) -> date:
    return date.fromordinal(date(month.year + month.month // 12, month.month % 12 + 1, 1).toordinal() - 1)
