"""The power business's content, read from the YAML files beside this one."""

from functools import cache
from importlib.resources import files

from gangmu.figures.indicators.tiers import TierUnit
from gangmu.foundation.parties.kinds import Attribute, AttributeType, Choice, Kind, Words
from gangmu.foundation.settings.shipped import from_yaml


def _read(name: str) -> list[dict]:
    return from_yaml(files(__name__).joinpath(f"{name}.yaml").read_text("utf-8"))


def kinds() -> list[Kind]:
    """The kinds of organisations of a power group."""
    return [Kind(row["code"], Words(row["zh"], row["en"]), row["rank"], row["icon"]) for row in _read("kinds")]


@cache
def choices(name: str) -> tuple[Choice, ...]:
    """The known values in the dictionary `name` (`fuels`, `provinces`)."""
    return tuple(Choice(row["code"], Words(row["zh"], row["en"]), tuple(row.get("aliases", ()))) for row in _read(name))


def tiers() -> dict[tuple[str, str], list[TierUnit]]:
    """In which units the kinds of organisations read figures, by kind and language."""
    return {
        (kind, language): [TierUnit(one["unit"], one["decimals"]) for one in row[language]]
        for row in _read("tiers")
        for kind in row["kinds"]
        for language in ("zh", "en")
    }


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
