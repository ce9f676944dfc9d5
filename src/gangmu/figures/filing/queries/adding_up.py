"""Where the filed parts of split indicators do not add up to the filed whole, cell by cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from gangmu.figures.filing.staging import decimal_text
from gangmu.foundation.periods.period import Period


@dataclass(frozen=True)
class Difference:
    """One cell: the whole, what its parts come to, and by how much the whole is more. Values are decimal text in the
    indicator's unit and exact: whole and parts have the same decimals."""

    indicator: str
    organisation: str
    period: str
    whole: str
    parts: str
    rest: str

    @property
    def exceeds(self) -> bool:
        """The parts are more than the whole: a mistake. Less is what is in no category."""
        return self.rest.startswith("-")

    def as_json(self) -> dict[str, Any]:
        names = ("indicator", "organisation", "period", "whole", "parts", "rest")
        return {name: getattr(self, name) for name in names} | {"exceeds": self.exceeds}


def differences(period: Period, indicators: Sequence[str] = (), organisation: str = "") -> Iterator[Difference]:
    """The cells in a period with a whole and a part that differ; of some indicators, at and below an organisation."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.code, o.code, f.period, w.grain, w.precision, f.value, sum(p.value)"
            " FROM indicators_indicator w JOIN filing_fact f ON f.indicator_id = w.id AND f.superseded_by_id IS NULL"
            "  AND f.period BETWEEN %(first)s AND %(last)s"
            " JOIN filing_scenario s ON s.id = f.scenario_id AND s.code = 'actual'"
            " JOIN parties_organisation o ON o.id = f.organisation_id"
            " JOIN indicators_indicator m ON m.member_of = w.code"
            " JOIN filing_fact p ON p.indicator_id = m.id AND p.superseded_by_id IS NULL"
            "  AND (p.scenario_id, p.organisation_id, p.period) = (f.scenario_id, f.organisation_id, f.period)"
            " WHERE w.split_total = 'filed' AND (%(all)s OR w.code = ANY (%(codes)s))"
            "  AND (%(place)s = '' OR EXISTS (SELECT FROM parties_membership b JOIN parties_organisation a"
            "   ON a.id = b.ancestor_id AND a.code = %(place)s WHERE b.organisation_id = f.organisation_id"
            "   AND b.valid && daterange(%(first)s, %(last)s, '[]')))"
            " GROUP BY w.id, o.id, f.indicator_id, f.scenario_id, f.organisation_id, f.period, f.value"
            " HAVING f.value <> sum(p.value) ORDER BY w.code, f.period, o.code",
            {
                "first": period.start,
                "last": period.end,
                "all": not indicators,
                "codes": list(indicators),
                "place": organisation,
            },
        )
        for code, place, day, grain, precision, whole, parts in cursor.fetchall():
            texts = (decimal_text(int(value), precision) for value in (whole, parts, whole - parts))
            yield Difference(code, place, _code(day, grain), *texts)


def _code(day: date, grain: str) -> str:
    return f"{day:%Y-%m}" if grain == "month" else day.isoformat()
