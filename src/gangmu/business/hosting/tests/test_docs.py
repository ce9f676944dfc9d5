"""The tables of docs/concepts/hosting-standard.md are made from the clauses; run as a module, this writes them."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from gangmu.business import standards
from gangmu.duties.norms.figures import parameters
from gangmu.duties.norms.shipped import shipped
from gangmu.duties.norms.standard import Standard, Words

PAGE = Path(__file__).resolve().parents[5] / "docs/concepts/hosting-standard.md"
LEVELS, SERVICES = ("2", "3", "3+"), ("B1", "B2", "B3", "B4")
UNITS = {"working_days": "working days", "percent": "%", "minutes": "minutes", "years": "years", "days": "days"}
NONE = "–"


def tables(standard: Standard) -> dict[str, str]:
    return {"figures": figures(standard), "strengths": strengths(standard), "new": new(standard)}


def _rows(standard: Standard, by_cell: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Services that share their values, and the values by level."""
    found: dict[tuple[str, ...], list[str]] = {}
    for service in SERVICES:
        values = tuple(by_cell.get(f"A{level}{service}", NONE) for level in LEVELS)
        if any(value != NONE for value in values):
            found.setdefault(values, []).append(service)
    for values, services in found.items():
        yield " ".join(services), list(values)


def _cells(standard: Standard, by_entry: Mapping[str, str]) -> dict[str, str]:
    return {code: value for key, value in by_entry.items() for code in standard.cells_of(standard.entries[key])}


def _named(words: Words) -> str:
    return f"{words.en} {words.zh}"


def figures(standard: Standard) -> str:
    """Figures, choices and citations that are not the same at every level."""
    lines = ["| | | services | level 2 二级 | level 3 三级 | level 3+ 三+级 |", "|---|---|---|---|---|---|"]
    for row in parameters(standard):
        shown = {key: row.parameter.shown(value).en for key, value in row.values.items()}
        unit = UNITS.get(row.parameter.unit or "")
        for services, values in _rows(standard, _cells(standard, shown)):
            if len(set(values)) > 1:
                name = f"{_named(row.parameter.title)}{', ' + unit if unit else ''}"
                lines.append(f"| `{row.topic}` | {name} | {services} | {' | '.join(values)} |")
    return "\n".join(lines)


def strengths(standard: Standard) -> str:
    """Statements that are binding to another degree at another level."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for key, entry in standard.entries.items():
        for statement in entry.statements:
            found.setdefault(entry.topic, {}).setdefault(statement.text.en, {})[key] = statement.strength
    lines = ["| | | services | level 2 | level 3 | level 3+ |", "|---|---|---|---|---|---|"]
    for topic, texts in found.items():
        seen = set()
        for by_entry in texts.values():
            for services, values in _rows(standard, _cells(standard, by_entry)):
                line = f"| `{topic}` | {_named(standard.topics[topic].name)} | {services} | {' | '.join(values)} |"
                if len(set(values) - {NONE}) > 1 and line not in seen:
                    seen.add(line)
                    lines.append(line)
    return "\n".join(lines)


def new(standard: Standard) -> str:
    """Topics and statements that level 2 has not, by the level that brings them."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for entry in standard.entries.values():
        for code in standard.cells_of(entry):
            at = standard.cells[code].at
            found.setdefault((entry.topic, at["service"]), {})[at["level"]] = len(entry.statements)
    gathered: dict[tuple[str, str, str], list[str]] = {}
    for (topic, service), by_level in found.items():
        for before, level in pairwise(LEVELS):
            counts = by_level.get(before, 0), by_level.get(level, 0)
            if counts[0] < counts[1]:
                gathered.setdefault((level, topic, "more" if counts[0] else "new"), []).append(service)
    order = list(dict.fromkeys(entry.topic for entry in standard.entries.values()))
    lines = ["| from level | | | services | |", "|---|---|---|---|---|"]
    for (level, topic, kind), services in sorted(gathered.items(), key=lambda one: (one[0][0], order.index(one[0][1]))):
        name = _named(standard.topics[topic].name)
        lines.append(f"| {level} | `{topic}` | {name} | {' '.join(services)} | {kind} |")
    return "\n".join(lines)


def filled(page: str, standard: Standard) -> str:
    """The page with its tables as the clauses make them."""
    for name, table in tables(standard).items():
        begin, end = f"<!-- {name}: made by business/hosting/tests/test_docs.py -->", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        _inside, closed, after = rest.partition(end)
        assert found and closed, name
        page = f"{before}{begin}\n\n{table}\n\n{end}{after}"
    return page


def test_the_page_shows_the_clauses_as_they_are(standard: Standard):
    page = PAGE.read_text("utf-8")
    assert filled(page, standard) == page


if __name__ == "__main__":
    standards.register()
    PAGE.write_text(filled(PAGE.read_text("utf-8"), shipped("JR/T-0133-2015")), "utf-8")
