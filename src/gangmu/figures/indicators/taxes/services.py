"""What a user does to taxes. The only place that writes them."""

from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_noop

from gangmu.figures.indicators import services as indicators
from gangmu.figures.indicators.categories.queries import dictionaries
from gangmu.figures.indicators.categories.splitting import undivided
from gangmu.figures.indicators.loading.entries import Entry
from gangmu.figures.indicators.loading.entries import Reading as IndicatorReading
from gangmu.figures.indicators.loading.outcome import Outcome
from gangmu.figures.indicators.taxes.definitions import Tax
from gangmu.figures.indicators.taxes.models import Tax as TaxRow
from gangmu.figures.indicators.taxes.models import TaxRate
from gangmu.figures.indicators.taxes.queries import taxes
from gangmu.figures.indicators.taxes.reading import read_taxes
from gangmu.foundation.records.services import note


class LoadResult(Outcome):
    """What a load of taxes did."""

    told = gettext_noop("Taxes: %(created)d new, %(changed)d changed, %(unchanged)d as they were.")


@transaction.atomic
def load_taxes(source: Path | str, *, shipped: bool = False) -> LoadResult:
    """Record the taxes of a YAML file or text: all of it, or, when anything is wrong, nothing.

    A tax that exists is replaced; the companions of the indicators that have it get formulas by its rates. Shipped ones
    leave alone what was changed here.

    Raises:
        Unreadable: the file as a whole is not UTF-8 text of at most 2 MB.
    """
    reading = read_taxes(source)
    book = indicators.locked()
    standing = taxes()
    rows = {str(row.code): row for row in TaxRow.objects.all()}
    if shipped:
        local = {code for code, row in rows.items() if row.source == TaxRow.Source.LOCAL}
        reading.taxes = [one for one in reading.taxes if one.code not in local]
    wanted = {one.code: one for one in reading.taxes}
    changed = [one for one in wanted.values() if standing.get(one.code) != one]
    concerned = IndicatorReading()
    for one in changed:
        place = reading.places[one.code]
        for definition in book.standing.values():
            taxed = definition.taxed
            if taxed and taxed.tax == one.code and not taxed.of and not definition.member:
                entry = Entry.standing(undivided(definition), place)
                concerned.entries.append(entry)
    if not reading.problems:
        plan = indicators.plan(concerned, book, dictionaries(), {**standing, **wanted})
        reading.problems += plan.problems
        if not reading.problems:
            indicators.apply(plan, book, keep_source=True)
    if reading.problems:
        return LoadResult(problems=sorted(dict.fromkeys(reading.problems), key=lambda one: (one.line, one.column)))
    for one in changed:
        _write(rows.get(one.code), one, shipped=shipped)
    created = sum(one.code not in standing for one in changed)
    if changed:
        note("indicators.taxes-defined", data={"taxes": [one.code for one in changed], "shipped": shipped})
    return LoadResult(created, len(changed) - created, len(wanted) - len(changed))


def _write(row: TaxRow | None, one: Tax, *, shipped: bool) -> None:
    row = row or TaxRow(code=one.code)
    row.name_zh, row.name_en = one.name.zh, one.name.en
    row.source = TaxRow.Source.SHIPPED if shipped else TaxRow.Source.LOCAL
    row.save()
    kept = {rate.until: rate for rate in TaxRate.objects.filter(tax=row)}
    for wanted in one.rates:
        rate = kept.pop(wanted.until, None) or TaxRate(tax=row, until=wanted.until)
        rate.rate, rate.is_verified = wanted.rate, wanted.is_verified
        rate.source_zh, rate.source_en = wanted.source.zh, wanted.source.en
        rate.save()
    for rate in kept.values():
        rate.delete()
