"""Whether tax is in a figure, at which rates, and where these come from."""

from collections.abc import Mapping
from typing import Any

from gangmu.figures.cube.explain.subject import Subject
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.taxes.companions import counterpart
from gangmu.figures.indicators.taxes.definitions import Tax
from gangmu.foundation.periods.period import Period


def basis(subject: Subject) -> dict[str, Any] | None:
    """With tax or without, the indicator that tells the other, and the codes of the taxes; None where it has none."""
    known = subject.asked.known.catalogue
    definition = known[subject.measure.code]
    if definition.taxed is None:
        return None
    return {
        "basis": definition.taxed.basis.value,
        "of": definition.taxed.of or None,
        "companion": counterpart(definition),
        "taxes": _codes(definition.code, known),
    }


def with_rates(told: Mapping[str, Any], known: Mapping[str, Tax], period: Period) -> dict[str, Any]:
    """The same with the rates that hold on a day of the period, the newest first."""
    taxes = [known[code] for code in told["taxes"] if code in known]
    return {**told, "taxes": [_tax(one, period) for one in taxes]}


def _tax(tax: Tax, period: Period) -> dict[str, Any]:
    rates = []
    for rate in reversed(tax.within(period.start, period.end)):
        since = tax.since(rate)
        rates.append(
            {
                "percent": rate.percent,
                "since": since.isoformat() if since else None,
                "until": rate.until.isoformat() if rate.until else None,
                "source": {"zh": rate.source.zh, "en": rate.source.en},
                "verified": rate.is_verified,
            }
        )
    return {"code": tax.code, "name": {"zh": tax.name.zh, "en": tax.name.en}, "rates": rates}


def _codes(code: str, known: Catalogue) -> list[str]:
    """The taxes of an indicator, and of those that it follows."""
    found: dict[str, None] = {}
    waiting, seen = [code], {code}
    for current in waiting:  # grows while it is read
        taxed = known[current].taxed if current in known else None
        if taxed is None:
            continue
        if taxed.tax:
            found[taxed.tax] = None
            continue
        new = [one for one in known.needs_if_readable(current) if one not in seen]
        seen.update(new)
        waiting += new
    return list(found)
