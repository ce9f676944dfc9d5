"""An explanation of the gateway in words."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.models import Batch
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties import kinds
from gangmu.foundation.ui.templatetags.ui import number
from gangmu.shell.figures.sheets import MARKS, is_provisional, state_word

Text = str | Promise

MADE: dict[str, Text] = {
    "filed": _("filed"),
    "on totals": _("computed from the totals of its inputs"),
    "cell by cell": _("computed for each organisation and period, then added up"),
}
STRUCTURE: dict[str, Text] = {
    "then": _("the organisation tree as it was each day"),
    "now": _("the organisation tree as it is today"),
}


def _name(names: dict[str, str]) -> str:
    return names["zh"] if (get_language() or "zh-hans").startswith("zh") else names["en"]


@dataclass(frozen=True)
class Explained:
    """One row of `gateway.explain`, for a template."""

    row: dict[str, Any]
    organisation: str
    group: str = ""

    @property
    def title(self) -> str:
        where = f"{self.organisation} · {self.group}" if self.group else self.organisation
        return f"{self.name} · {where} · {self.period}"

    @property
    def name(self) -> str:
        return _name(self.row["definition"]["name"])

    @property
    def period(self) -> str:
        return _name(self.row["period_covered"]["name"])

    @property
    def value(self) -> str:
        return number(self.row["value"])

    @property
    def state(self) -> str:
        return state_word(self.row["state"]) if self.row["state"] else ""

    @property
    def is_provisional(self) -> bool:
        return self.row["value"] is not None and is_provisional(self.row["state"])

    @property
    def marks(self) -> list[str]:
        return [str(MARKS.get(mark, mark)) for mark in self.row.get("marks", [])]

    @property
    def made(self) -> Text:
        return MADE[self.row["definition"]["made"]]

    @property
    def grain(self) -> Text:
        return Indicator.Grain(self.row["definition"]["grain"]).label

    @property
    def level(self) -> str:
        return kind_word(self.row["definition"]["level"])

    @property
    def over_time(self) -> Text:
        rule = self.row["definition"]["over_time"]
        return Indicator.OverTime(rule).label if rule else ""

    @property
    def over_organisations(self) -> Text:
        rule = self.row["definition"]["over_organisations"]
        return Indicator.OverOrganisations(rule).label if rule else ""

    @property
    def structure(self) -> Text:
        return STRUCTURE[self.row["structure"]]

    @property
    def at_least(self) -> str:
        return state_word(self.row["at_least"])

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """Figures that went into the formula."""
        return [
            {
                **one,
                "state": state_word(one["state"]) if one.get("state") else "",
                "is_provisional": is_provisional(one.get("state")),
                "functions": ", ".join(one["functions"]),
            }
            for one in (self.row["formula"] or {"inputs": []})["inputs"]
        ]

    @property
    def missing(self) -> list[dict[str, Any]]:
        return [{**one, "name": _name(one["name"])} for one in self.row["missing"]["organisations"]]

    @property
    def missing_more(self) -> int:
        return self.row["missing"]["count"] - len(self.row["missing"]["organisations"])

    @property
    def covered_more(self) -> int:
        covered = self.row["organisations_covered"]
        return covered["count"] - len(covered["codes"])

    @property
    def batches(self) -> list[dict[str, Any]]:
        return [_batch(one) for one in self.row["sources"]["batches"]]

    @property
    def batches_more(self) -> int:
        return self.row["sources"]["batches_count"] - len(self.row["sources"]["batches"])

    @property
    def corrections(self) -> list[dict[str, Any]]:
        return [
            {**one, "old": Decimal(one["old"]), "new": Decimal(one["new"]), "batch": _batch(one["batch"])}
            for one in self.row["sources"]["corrections"]
        ]


def kind_word(code: str) -> str:
    return str(next((one.name for one in kinds.all_kinds() if one.code == code), code))


def _batch(one: dict[str, Any]) -> dict[str, Any]:
    """What is known of it, in words: to some, its number alone."""
    at = one.get("recorded_at")
    return {
        **one,
        "kind": Batch.Kind(one["kind"]).label if "kind" in one else "",
        "recorded_at": datetime.fromisoformat(at) if at else None,
    }
