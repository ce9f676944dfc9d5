"""Reading dictionaries of categories."""

from gangmu.figures.indicators.categories.definitions import Category, Dictionary
from gangmu.figures.indicators.categories.models import Category as CategoryRow
from gangmu.figures.indicators.categories.models import CategoryDictionary
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
