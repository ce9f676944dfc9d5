"""The table of items in docs/concepts/power-forms.md is made from the forms; run as a script, this writes it."""

from collections.abc import Iterator
from pathlib import Path

from gangmu.business.power.content import composing
from gangmu.figures.filing.definitions import SELF, FormDefinition, Item

PAGE = Path(__file__).resolve().parents[5] / "docs/concepts/power-forms.md"
BEGIN, END = "<!-- items: made by tests/test_docs.py -->", "<!-- end of items -->"
ORDER = (
    "coal",
    "cogeneration",
    "gas",
    "hydro",
    "wind",
    "solar",
    "biomass",
    "nuclear",
    "storage",
    "heat",
    "virtual_plant",
)
SHORT = ("煤", "热电", "燃机", "水", "风", "光", "生物质", "核", "储能", "供热", "虚拟")
LEVELS = {"unit": "机组", "reservoir": "水库", SELF: "全厂"}


def table() -> str:
    """Markdown: a line for each item, a column for each form; ● must be filed, ○ may be."""
    forms = {one["code"]: FormDefinition.from_json(one) for one in composing.forms()}
    ordered = [forms[f"{code}_daily"] for code in ORDER]
    lines = [
        f"| 项目 item | level | {' | '.join(SHORT)} |",
        f"|---|---|{'---|' * len(SHORT)}",
    ]
    seen: dict[str, str] = {}
    for form in ordered:
        for section in form.sections:
            for item in section.items:
                seen.setdefault(item.indicator, LEVELS[section.level])
    for indicator, level in seen.items():
        name = composing.indicator_names()[indicator]["zh"]
        marks = [_mark(form.items.get(indicator)) for form in ordered]
        lines.append(f"| {name} `{indicator}` | {level} | {' | '.join(marks)} |")
    return "\n".join(lines)


def _mark(item: Item | None) -> str:
    if item is None:
        return ""
    return "●" if item.required else "○"


def parts(text: str) -> Iterator[str]:
    """What stands before the table, the table, and what stands behind."""
    before, _begin, rest = text.partition(BEGIN)
    inside, _end, after = rest.partition(END)
    yield from (before, inside.strip(), after)


def test_the_page_shows_the_forms_as_they_are():
    _before, inside, after = parts(PAGE.read_text("utf-8"))
    assert after
    assert inside == table()


if __name__ == "__main__":
    before, _inside, after = parts(PAGE.read_text("utf-8"))
    PAGE.write_text(f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}", "utf-8")
