"""The power business's content, read from the YAML files beside this one."""

from functools import cache
from importlib.resources import files

import yaml

from gangmu.foundation.parties.kinds import Attribute, AttributeType, Choice, Kind, Words


def _read(name: str) -> list[dict]:
    return yaml.safe_load(files(__name__).joinpath(f"{name}.yaml").read_text("utf-8"))


def kinds() -> list[Kind]:
    """The kinds of organisations of a power group."""
    return [Kind(row["code"], Words(row["zh"], row["en"]), row["rank"], row["icon"]) for row in _read("kinds")]


@cache
def choices(name: str) -> tuple[Choice, ...]:
    """The known values in the dictionary `name` (`fuels`, `provinces`)."""
    return tuple(Choice(row["code"], Words(row["zh"], row["en"]), tuple(row.get("aliases", ()))) for row in _read(name))


def attributes() -> list[Attribute]:
    """The dated attributes of organisations of a power group."""
    return [
        Attribute(
            name=row["name"],
            label=Words(row["zh"], row["en"]),
            type=AttributeType(row["type"]),
            unit=row.get("unit", ""),
            inherited=row.get("inherited", False),
            minimum=row.get("minimum"),
            maximum=row.get("maximum"),
            choices=choices(row["choices"]) if "choices" in row else (),
        )
        for row in _read("attributes")
    ]
