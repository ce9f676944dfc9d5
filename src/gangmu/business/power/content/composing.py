"""Forms and indicators put together from the files of this folder, as the figures rooms read them.

A form of `forms/` says for each section which indicators it takes: one by one, or by the name of a group of
`forms/shared.yaml`; and by which rules of that file it is checked. A rule that a figure is not below zero is made for
every item that is not listed there as one that may be.
"""

from functools import cache
from importlib.resources import files
from typing import Any

from gangmu.foundation.settings.shipped import from_yaml

PACKAGE = "gangmu.business.power.content"
SHARED = "shared"
NOT_NEGATIVE = {
    "name": {"zh": "{zh}不为负", "en": "{en} is not below zero"},
    "advice": {"zh": "请更正：此项没有负值。", "en": "Correct it: there are no values below zero here."},
}


def indicators_text() -> str:
    """All shipped indicators as one YAML text, in the order of the files' names."""
    return "\n".join(_texts("indicators").values())


@cache
def indicator_names() -> dict[str, dict[str, str]]:
    """The names of the shipped indicators by code."""
    return {row["code"]: row["name"] for row in from_yaml(indicators_text())}


def forms() -> list[dict[str, Any]]:
    """The shipped forms, complete as `FormDefinition.from_json` reads them."""
    texts = _texts("forms")
    shared = from_yaml(texts.pop(SHARED))
    return [_form(from_yaml(text), shared) for text in texts.values()]


def routes() -> list[dict[str, Any]]:
    """The shipped routes of approval."""
    return from_yaml(files(PACKAGE).joinpath("routes.yaml").read_text("utf-8"))


def categories_text() -> str:
    """The shipped dictionaries of categories as YAML."""
    return files(PACKAGE).joinpath("categories.yaml").read_text("utf-8")


def taxes_text() -> str:
    """The shipped taxes as YAML."""
    return files(PACKAGE).joinpath("taxes.yaml").read_text("utf-8")


def scopes_text() -> str:
    """The shipped statistical scopes as YAML."""
    return files(PACKAGE).joinpath("scopes.yaml").read_text("utf-8")


def curves_text() -> str:
    """The shipped indicators that have curves, as YAML."""
    return files(PACKAGE).joinpath("curves.yaml").read_text("utf-8")


def unit_states() -> list[dict[str, Any]]:
    """The states of a unit: value, code, zh, en."""
    return from_yaml(files(PACKAGE).joinpath("unit_states.yaml").read_text("utf-8"))


def _texts(folder: str) -> dict[str, str]:
    """The YAML files of a folder by name, without their ending."""
    found = sorted(files(PACKAGE).joinpath(folder).iterdir(), key=lambda file: file.name)
    return {file.name[:-5]: file.read_text("utf-8") for file in found if file.name.endswith(".yaml")}


def _form(form: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    for section in form["sections"]:
        section["items"] = [item for given in section["items"] for item in _items(given, shared)]
    items = [item for section in form["sections"] for item in section["items"]]
    if any(item.get("choices") for item in items):
        form["choices"] = {"unit_state": unit_states()}
    form["rules"] = [{"code": code} | shared["rules"][code] for code in form["rules"]]
    form["rules"] += [_not_negative(item["indicator"]) for item in items if _is_counted(item, shared)]
    return form


def _items(given: str | dict[str, Any], shared: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(one) for one in shared["items"][given]] if isinstance(given, str) else [given]


def _is_counted(item: dict[str, Any], shared: dict[str, Any]) -> bool:
    return item["indicator"] not in shared["may_be_negative"]


def _not_negative(indicator: str) -> dict[str, Any]:
    name = indicator_names()[indicator]
    return {
        "code": f"{indicator}_not_negative",
        "strength": "error",
        "left": indicator,
        "operator": ">=",
        "right": "0",
        "name": {language: text.format(**name) for language, text in NOT_NEGATIVE["name"].items()},
        "advice": NOT_NEGATIVE["advice"],
    }
