"""Reading dictionaries of categories."""

from collections.abc import Iterable, Iterator

from django.utils.translation import get_language

from gangmu.figures.indicators.categories.definitions import Category, Dictionary
from gangmu.figures.indicators.categories.models import Category as CategoryRow
from gangmu.figures.indicators.categories.models import CategoryDictionary
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.kinds import Words


def dictionaries() -> dict[str, Dictionary]:
    """All dictionaries by code. Two queries."""
    found: dict[int, list[Category]] = {}
    for row in CategoryRow.objects.order_by("dictionary", "position"):
        category = Category(str(row.code), Words(str(row.name_zh), str(row.name_en)), row.valid_from, row.valid_to)
        found.setdefault(row.dictionary_id, []).append(category)
    return {
        str(row.code): Dictionary(
            str(row.code), Words(str(row.name_zh), str(row.name_en)), tuple(found.get(row.pk, ()))
        )
        for row in CategoryDictionary.objects.all()
    }


def below_wholes(rows: Iterable[Indicator]) -> Iterator[tuple[Indicator, str]]:
    """Indicators with what a drop-down list calls them: parts stand below their whole, indented, by their category;
    companions with tax or without below their original."""
    known = list(rows)
    below: dict[str, list[Indicator]] = {}
    for row in known:
        if row.tax_of or row.member_of:
            below.setdefault(str(row.tax_of or row.member_of), []).append(row)

    def listed(row: Indicator, depth: int) -> Iterator[tuple[Indicator, str]]:
        yield row, "\u2003" * depth + (row.name.rpartition("·")[2].strip() if row.member_of else row.name)
        for one in sorted(below.get(str(row.code), ()), key=lambda one: not one.tax_of):
            yield from listed(one, depth + 1)

    for row in known:
        if not row.member_of and not row.tax_of:
            yield from listed(row, 0)


def category_names(indicator: str) -> dict[str, str]:
    """What the categories of a split indicator are called in the active language, by code, in their order."""
    chinese = (get_language() or "zh-hans").startswith("zh")
    whole = Indicator.objects.filter(code=indicator).values_list("tax_of", flat=True).first() or indicator
    book = CategoryDictionary.objects.filter(code__in=Indicator.objects.filter(code=whole).values("split_by"))
    rows = CategoryRow.objects.filter(dictionary__in=book).order_by("position")
    return {str(row.code): str(row.name_zh if chinese else row.name_en) for row in rows}
