"""An explanation of the cube in words and links, for a template."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.analysis import changes
from gangmu.figures.cube.links import NO_GROUP
from gangmu.figures.cube.question import STATES
from gangmu.figures.filing.models import Batch
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties import kinds
from gangmu.foundation.ui.templatetags.ui import number
from gangmu.shell.figures.asking import Asked
from gangmu.shell.figures.life import Life, instant
from gangmu.shell.figures.lines import TENTH, Line, share, widths
from gangmu.shell.figures.mathematics import has_number, in_language, in_words, textbook
from gangmu.shell.figures.scopes.telling import counted_words
from gangmu.shell.figures.sheets import BASES, MARKS, is_provisional, settled_words, state_word
from gangmu.shell.figures.taxed import Taxed

Text = str | Promise

MADE: dict[str, Text] = {
    "filed": gettext_lazy("filed"),
    "on totals": gettext_lazy("computed from the totals of its inputs"),
    "cell by cell": gettext_lazy("computed for each organisation and period, then added up"),
}
STRUCTURE: dict[str, Text] = {
    "then": gettext_lazy("the organisation tree as it was each day"),
    "now": gettext_lazy("the organisation tree as it is today"),
}
SOURCES: dict[str, Text] = {
    "shipped": gettext_lazy("came with the product"),
    "local": gettext_lazy("defined here"),
}
TONES = {"filed": "orange", "plant": "yellow", "region": "azure", "group": "lime", "locked": "green"}
CAPACITIES = ("capacity_mw", "capacity_mwh")


@dataclass(frozen=True)
class Explained:
    """One row of `gateway.explain`, for a template."""

    row: dict[str, Any]
    asked: Asked
    organisation: str
    group: str = ""
    group_code: str | None = None

    # What it is ------------------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        where = f"{self.organisation} · {self.group}" if self.group else self.organisation
        return f"{self.name} · {where} · {self.period}"

    @property
    def name(self) -> str:
        return in_language(self.row["definition"]["name"])

    @property
    def other_name(self) -> str:
        """Its name in the other language."""
        names = self.row["definition"]["name"]
        return names["en"] if self.name == names["zh"] else names["zh"]

    @property
    def period(self) -> str:
        return in_language(self.row["period_covered"]["name"])

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
    def settled(self) -> str:
        """That settled values of closed months are in it, and by how much they differ from their days."""
        return settled_words(self.row["settled"], self.row["unit"]) if self.row.get("settled") else ""

    @property
    def tax(self) -> Taxed | None:
        """Whether tax is in it, and at which rates; None where it knows of none."""
        return (
            Taxed(self.row["tax"], lambda code: self.url(indicator=code, compare="")) if self.row.get("tax") else None
        )

    @property
    def made(self) -> Text:
        return MADE[self.row["definition"]["made"]]

    @property
    def source(self) -> Text:
        return SOURCES[self.row["definition"]["source"]]

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
    def scope_name(self) -> str:
        """The statistical scope, with how many it counts and how many of them with a share; empty without one."""
        return counted_words(self.row["scope"]) if isinstance(self.row.get("scope"), dict) else ""

    @property
    def scope_url(self) -> str:
        return reverse("scopes:one", args=[self.row["scope"]["code"]]) if self.scope_name else ""

    @property
    def at_least(self) -> str:
        return state_word(self.row["at_least"])

    # Links -----------------------------------------------------------------------------------------------------------

    def url(self, part: str = "", more: Mapping[str, str] | None = None, **changes: str) -> str:
        """The address of this explanation with something changed: another organisation, period or indicator."""
        return self.but(changes, part, more)

    def but(self, changes: Mapping[str, str], part: str = "", more: Mapping[str, str] | None = None) -> str:
        """As `url`."""
        changes = dict(changes)
        asked = replace(self.asked, period=self.row["period"])
        if self.asked.compare.startswith("to-date") and changes:
            asked = replace(asked, compare="")
        if "indicator" in changes:
            asked = replace(asked, indicators=(changes.pop("indicator"),))
        of_group = bool(asked.by) and "by" not in changes
        query = asked.but(**changes)
        extra = {"group": self.group_code or NO_GROUP} if of_group else {}
        extra |= {"part": part} if part else {}
        extra |= more or {}
        return f"{resolve_url(settings.EXPLAIN_URL)}?{query}" + (f"&{urlencode(extra)}" if extra else "")

    @property
    def lookup_url(self) -> str:
        return f"{resolve_url(settings.FIGURES_URL)}?{replace(self.asked, period=self.row['period']).but()}"

    @property
    def study_url(self) -> str:
        """The address where this figure is taken apart; of a group that is an organisation, its own."""
        organisation = self.group_code if self.group_code and self.asked.by == "children" else self.asked.organisation
        asked = {
            "indicator": self.row["indicator"],
            "organisation": organisation,
            "period": self.row["period"],
            "base": self.asked.compare if self.asked.compare == "previous" else "",
            "structure": self.asked.structure if self.asked.structure != "then" else "",
            "at_least": self.asked.at_least if self.asked.at_least != "filed" else "",
        }
        return f"{reverse('studies:one')}?{urlencode({name: value for name, value in asked.items() if value})}"

    @property
    def cells_url(self) -> str:
        return self.url(part="cells")

    @property
    def sources_url(self) -> str:
        return self.url(part="sources")

    @property
    def trail(self) -> list[tuple[str, str]]:
        """Who stands above, the highest first, with the same figure there."""
        return [(in_language(one["name"]), self.url(organisation=one["code"])) for one in self.row["above"]]

    # Against another period ------------------------------------------------------------------------------------------

    @property
    def compared(self) -> dict[str, Any] | None:
        """What it is compared with, with its own explanation behind it."""
        compare = self.row["compare"]
        if compare is None:
            return None
        rate, percent = compare["rate"], self.row["unit"] == "%"
        moved = None
        if percent and compare["change"] is not None:
            moved = f"{_signed(Decimal(compare['change']))} {_('points')}"
        elif compare.get("word"):
            moved = str(changes.in_words(compare["word"]))
        elif rate is not None:
            moved = f"{_signed((Decimal(rate) * 100).quantize(TENTH, ROUND_HALF_UP))}%"
        change = Decimal(compare["change"] or 0)
        return {
            "label": BASES.get(self.asked.compare, ""),
            "period": compare["period"],
            "value": number(compare["value"]),
            "moved": moved,
            "direction": "up" if change > 0 else "down" if change < 0 else "",
            "url": self.url(period=compare["period"], compare=""),
        }

    # Formula ---------------------------------------------------------------------------------------------------------

    @cached_property
    def formula(self) -> SafeString | str:
        """As a textbook sets it."""
        formula = self.row["formula"]
        if not formula:
            return ""
        one_cell = has_number(formula["tree"])
        result = self.value if self.row["value"] is None else f"{self.value} {self.row['unit']}".strip()
        return textbook(
            formula,
            self.name,
            result,
            of="" if one_cell or self.row["definition"]["made"] != "cell by cell" else self._summed,
            link=self._input_url,
            with_numbers=one_cell,
        )

    @property
    def versions(self) -> list[str]:
        """Of a formula that changed: since when and until when it is valid, and which others days of the period had."""
        formula = self.row["formula"] or {}
        since, until = formula.get("since"), formula.get("until")
        lines = []
        if since:
            lines.append(_("This version of the formula is valid from %(day)s.") % {"day": since})
        if until:
            lines.append(_("It is valid to %(day)s; another one follows.") % {"day": until})
        for one in formula.get("before", []):
            words = {"day": one["until"], "formula": one["text"]}
            lines.append(_("Cells of the days up to %(day)s are made by: %(formula)s") % words)
        return lines

    @property
    def _summed(self) -> str:
        """Over what the cells of a formula by cell are added up, where sums are."""
        one = self.row["definition"]
        if (one["over_time"], one["over_organisations"]) != ("sum", "sum"):
            return ""
        return f"{self.level}, {_('days') if one['grain'] == 'day' else _('months')}"

    def _input_url(self, part: Mapping[str, Any]) -> str:
        if part["indicator"] in CAPACITIES or not part["period"]:
            return ""
        return self.url(indicator=part["indicator"], period=part["period"], compare="")

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """Figures that went into the formula."""
        return [
            {
                **one,
                "name": in_language(one["name"]),
                "value": _capacity(one["value"]) if one["indicator"] in CAPACITIES else one["value"],
                "url": self._input_url(one),
                "state": state_word(one["state"]) if one.get("state") else "",
                "is_provisional": is_provisional(one.get("state")),
                "functions": in_words(one["functions"]),
            }
            for one in (self.row["formula"] or {"inputs": []})["inputs"]
        ]

    # Coverage and states ---------------------------------------------------------------------------------------------

    @property
    def is_complete(self) -> bool:
        return self.row["coverage"]["reported"] >= self.row["coverage"]["expected"]

    @property
    def share(self) -> Decimal:
        """Reported of expected, of 100."""
        coverage = self.row["coverage"]
        if not coverage["expected"]:
            return Decimal(100 if coverage["reported"] else 0)
        return share(Decimal(coverage["reported"]), Decimal(coverage["expected"]))

    @property
    def states(self) -> list[tuple[Text, str, int, Decimal, Decimal]]:
        """Word, tone and count of the organisations at each state, with the place of their part of the bar."""
        rows = sorted(self.row.get("states", []), key=lambda one: -STATES.index(one["state"]))
        total = sum(one["organisations"] for one in rows)
        found, start = [], Decimal(0)
        for one in rows:
            width = Decimal(100) * one["organisations"] / total
            found.append((state_word(one["state"]), TONES[one["state"]], one["organisations"], start, width))
            start += width
        return found

    @cached_property
    def _absent(self) -> list[dict[str, Any]]:
        return [
            {**one, "name": in_language(one["name"]), "url": self.url(organisation=one["code"], by="", compare="")}
            for one in self.row["absent"]["organisations"]
        ]

    @property
    def missing(self) -> list[dict[str, Any]]:
        """Who has reported before and has not now; where nobody ever has, everybody."""
        return [one for one in self._absent if not one["never"]] or self._absent

    @property
    def never(self) -> int:
        """How many have never reported it, where they are not the ones that are listed."""
        absent = self.row["absent"]
        return absent["never"] if absent["never"] < absent["count"] else 0

    @property
    def missing_of(self) -> str:
        """The input that is missing, where it is not the figure itself."""
        absent = self.row["absent"]
        return in_language(absent["name"]) if absent["count"] and absent["indicator"] != self.row["indicator"] else ""

    @property
    def missing_more(self) -> int:
        return self.row["absent"]["count"] - self.never - len(self.missing)

    @property
    def until(self) -> date | None:
        text = self.row["absent"]["until"]
        return date.fromisoformat(text) if text else None

    @property
    def covered_more(self) -> int:
        covered = self.row["organisations_covered"]
        return covered["count"] - len(covered["codes"])

    # Going down ------------------------------------------------------------------------------------------------------

    @cached_property
    def children(self) -> list[Line]:
        """The largest first, those without a figure last."""
        rows = sorted(
            self.row.get("children", []),
            key=lambda one: (not one["own"], one["value"] is None, -Decimal(one["value"] or 0)),
        )
        into = "" if self.asked.by == "children" else self.asked.by
        bars = widths([one["value"] for one in rows])
        return [
            Line(
                in_language(one["name"]),
                "" if one["own"] else self.but({"organisation": one["code"]} | ({} if into else {"by": ""})),
                one,
                width,
                one["code"],
                one["own"],
            )
            for one, width in zip(rows, bars, strict=True)
        ]

    @property
    def bars(self) -> list[Line]:
        """The same as a drawing, the earliest first; nothing is drawn of negative figures."""
        return self.periods[::-1] if any(one.width is not None for one in self.periods) else []

    @cached_property
    def periods(self) -> list[Line]:
        """The latest first."""
        rows = self.row.get("periods", [])[::-1]
        bars = widths([one["value"] for one in rows])
        return [
            Line(in_language(one["name"]), self.url(period=one["code"], compare=""), one, width)
            for one, width in zip(rows, bars, strict=True)
        ]

    @property
    def life(self) -> Life | None:
        return Life(self.row["cell"]) if self.row.get("cell") else None

    # Sources ---------------------------------------------------------------------------------------------------------

    @property
    def batches(self) -> list[dict[str, Any]]:
        return [_batch(one) for one in self.row["sources"]["batches"]]

    @property
    def batches_more(self) -> int:
        return self.row["sources"]["batches_count"] - len(self.row["sources"]["batches"])

    @property
    def corrections(self) -> list[dict[str, Any]]:
        return [
            {
                **one,
                "old": Decimal(one["old"]),
                "new": Decimal(one["new"]),
                "batch": _batch(one["batch"]),
                "url": self.url(
                    indicator=one["indicator"],
                    organisation=one["organisation"],
                    period=one["period"],
                    by="",
                    compare="",
                ),
            }
            for one in self.row["sources"]["corrections"]
        ]


def _capacity(value: str | None) -> str | None:
    """Without the zeros that say nothing."""
    return value.rstrip("0").rstrip(".") if value and "." in value else value


def _signed(value: Decimal) -> str:
    return f"+{value:,f}" if value > 0 else number(value)


def kind_word(code: str) -> str:
    return str(next((one.name for one in kinds.all_kinds() if one.code == code), code))


def _batch(one: dict[str, Any]) -> dict[str, Any]:
    """What is known of it, in words: to some, its number alone."""
    at: datetime | None = instant(one.get("recorded_at"))
    return {**one, "kind": Batch.Kind(one["kind"]).label if "kind" in one else "", "recorded_at": at}
