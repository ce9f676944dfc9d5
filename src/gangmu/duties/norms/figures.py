"""The figures of a standard: every parameter that is one, by cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gangmu.duties.norms.standard import Parameter, Standard, Words


@dataclass(frozen=True)
class Row:
    """A parameter of a topic. `values` are by the entry's key, `by_cell` the same by cell."""

    topic: str
    name: Words
    parameter: Parameter
    values: Mapping[str, str | Words]
    by_cell: Mapping[str, tuple[str, ...]]

    @property
    def differs(self) -> bool:
        """Whether it is not the same everywhere."""
        return len({str(value) for value in self.values.values()}) > 1

    def as_json(self) -> dict[str, Any]:
        return {
            "topic": self.topic,
            "name": {"zh": self.name.zh, "en": self.name.en},
            "parameter": self.parameter.name,
            "title": {"zh": self.parameter.title.zh, "en": self.parameter.title.en},
            "unit": self.parameter.unit,
            "differs": self.differs,
            "entries": {key: self.parameter.as_json(value)["value"] for key, value in self.values.items()},
            "cells": {cell: list(values) for cell, values in self.by_cell.items()},
        }


def parameters(standard: Standard, *, every: bool = True) -> list[Row]:
    """Each parameter that is a figure, a choice or a citation, in printed order; `every=False`: those that differ."""
    entries: dict[str, list[str]] = {}
    for entry in standard.entries.values():
        entries.setdefault(entry.topic, []).append(entry.key)
    found = []
    for slug, keys in entries.items():
        topic = standard.topics[slug]
        for parameter in topic.parameters.values():
            if parameter.kind == "word":
                continue
            values = {
                key: standard.entries[key].values[parameter.name]
                for key in keys
                if parameter.name in standard.entries[key].values
            }
            by_cell: dict[str, tuple[str, ...]] = {}
            for key, value in values.items():
                shown = str(parameter.shown(value))
                for cell in standard.cells_of(standard.entries[key]):
                    if shown not in by_cell.get(cell, ()):
                        by_cell[cell] = (*by_cell.get(cell, ()), shown)
            row = Row(slug, topic.name, parameter, values, by_cell)
            if every or row.differs:
                found.append(row)
    return found
