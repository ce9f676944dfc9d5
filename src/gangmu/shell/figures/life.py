"""The life of one cell as one line of time: filed, explained, remarked, approved, returned, locked, corrected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.filing.models import Batch, Mark, Sheet
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.panels import STEP_LOOKS
from gangmu.foundation.ui.templatetags.ui import number
from gangmu.shell.figures.mathematics import in_language
from gangmu.shell.figures.sheets import state_word

Text = str | Promise

ORIGINS: dict[str, tuple[Text, str]] = {
    "sheet": (gettext_lazy("typed into the sheet"), "pencil"),
    "workbook": (gettext_lazy("from an Excel workbook"), "file-spreadsheet"),
    "interface": (gettext_lazy("from an interface"), "database"),
    "event_log": (gettext_lazy("from the event log of units"), "bolt"),
    "carried": (gettext_lazy("carried forward from the period before"), "corner-down-left"),
    "load": (gettext_lazy("loaded from a file"), "database"),
    "correction": (gettext_lazy("by a correction"), "refresh"),
    "": (gettext_lazy("not told to you"), "lock"),
}
EVENTS: dict[str, tuple[Text, str, str]] = {
    "opened": (gettext_lazy("Sheet opened"), "plus", ""),
    "imported": (gettext_lazy("Figures taken from a workbook"), "file-spreadsheet", "info"),
    "locked": (gettext_lazy("Locked"), "lock", "success"),
}
FAR = datetime.max.replace(tzinfo=UTC)  # of steps whose moment is not told
# The order of steps of the same moment.
OPENED, IMPORTED, SAID, RECORDED, DECIDED, LOCKED, ASKED, DECIDED_AGAIN, CORRECTED = range(9)


@dataclass(frozen=True)
class Step:
    """One step of the life of a cell."""

    at: datetime | None
    title: Text
    rank: float = 0
    by: str = ""
    icon: str = "history"
    tone: str = ""
    note: Text = ""
    words: str = ""
    old: str = ""
    new: str = ""
    href: str = ""


@dataclass(frozen=True)
class Life:
    """A cell of the explanation, for a template."""

    cell: Mapping[str, Any]

    @property
    def origin(self) -> tuple[Text, str]:
        """In words, with its icon."""
        how = (self.cell["origin"] or {"how": ""})["how"]
        return ORIGINS[how]

    @property
    def file(self) -> str:
        origin = self.cell["origin"] or {}
        return origin.get("file") or (origin.get("source", "") if origin.get("how") in ("load", "correction") else "")

    @property
    def mark(self) -> Text:
        name = self.cell["mark"]
        return next((one.label for one in Mark if one.name.lower() == name), "") if name else ""

    @property
    def entered(self) -> str:
        """What was typed where it is not just the number."""
        revisions = self.cell["revisions"]
        return revisions[-1]["entered"] if revisions else ""

    @property
    def sheet_url(self) -> str:
        sheet = self.cell["sheet"]
        return reverse("filing:sheet", args=[sheet["id"]]) if sheet else ""

    @property
    def form(self) -> str:
        return in_language(self.cell["sheet"]["form"]["name"])

    @property
    def filing_organisation(self) -> str:
        return in_language(self.cell["sheet"]["name"])

    @property
    def status(self) -> Text:
        return Sheet.Status(self.cell["sheet"]["status"]).label

    @property
    def filed_by(self) -> str:
        """Who filed what stands; for what was loaded, whoever loaded it."""
        newest = self._newest
        return (newest["batch"].get("recorded_by") or "") if newest else ""

    @property
    def filed_at(self) -> datetime | None:
        newest = self._newest
        return instant(newest["batch"].get("recorded_at")) if newest else None

    @property
    def _newest(self) -> Mapping[str, Any] | None:
        return self.cell["revisions"][-1] if self.cell["revisions"] else None

    @property
    def approvers(self) -> list[Mapping[str, Any]]:
        """Who approved the sheet in its last round."""
        steps = [one for one in self.cell["approvals"] if one["correction"] is None]
        last = max((one["round"] for one in steps), default=0)
        found = [one for one in steps if one["action"] == Action.APPROVE and one["round"] == last]
        return [{**one, "at": instant(one["at"])} for one in found]

    @property
    def received(self) -> list[Mapping[str, Any]]:
        return [{**one, "at": instant(one["at"])} for one in self.cell["received"]]

    @property
    def steps(self) -> list[Step]:
        """Everything, the latest first."""
        steps = [*self._revisions(), *self._approvals(), *self._said(), *self._corrections(), *self._events()]
        return sorted(steps, key=lambda one: (one.at or FAR, one.rank), reverse=True)

    def _revisions(self) -> Iterable[Step]:
        before: Mapping[str, Any] | None = None
        for one in self.cell["revisions"]:
            batch = one["batch"]
            again = before is not None
            kind = (
                str(Batch.Kind(batch["kind"]).label)
                if "kind" in batch
                else _("recorded in batch %(n)s") % {"n": batch["id"]}
            )
            title = _("Figure replaced") if again else _("Figure recorded")
            state = state_word(one["state"]) if one is self._newest and not one["until"] else ""
            yield Step(
                instant(batch.get("recorded_at")),
                title,
                CORRECTED if batch.get("kind") == Batch.Kind.CORRECTION else RECORDED,
                batch.get("recorded_by") or "",
                "refresh" if again else "clipboard-list",
                "warning" if again else "info",
                note=" · ".join(filter(None, [capfirst(kind), batch.get("source", ""), state])),
                words=batch.get("reason", ""),
                old=number(before["value"]) if before is not None else "",
                new=number(one["value"]),
            )
            if one["taken_back"]:
                at = one["until"] if isinstance(one["until"], str) else None
                yield Step(
                    instant(at),
                    _("Figure taken back"),
                    CORRECTED,
                    icon="x",
                    tone="danger",
                    old=number(one["value"]),
                )
            before = one

    def _approvals(self) -> Iterable[Step]:
        for number_of, one in enumerate(self.cell["approvals"]):
            icon, tone = STEP_LOOKS.get(Action(one["action"]), ("history", ""))
            behalf = _("on behalf of %(name)s") % {"name": one["on_behalf_of"]} if one["on_behalf_of"] else ""
            about = _("Correction %(n)d") % {"n": one["correction"]} if one["correction"] else ""
            yield Step(
                instant(one["at"]),
                capfirst(one["text"]),
                (DECIDED_AGAIN if one["correction"] else DECIDED) + number_of / 1000,
                one["by"],
                icon,
                tone,
                note=" · ".join(filter(None, [about, one["node"], behalf])),
                words=" ".join(filter(None, [one["reason"], one["words"]])),
            )

    def _said(self) -> Iterable[Step]:
        for one in self.cell["explanations"]:
            yield Step(
                instant(one["at"]),
                _("Warning explained"),
                SAID,
                one["by"],
                "message-reply",
                "info",
                one["finding"],
                one["words"],
            )
        for one in self.cell["remarks"]:
            note = _("on the sheet as a whole") if one["about"] == "sheet" else ""
            yield Step(instant(one["at"]), _("Remark"), SAID, one["by"], "message-circle", "", note, one["words"])

    def _corrections(self) -> Iterable[Step]:
        for one in self.cell["corrections"]:
            href = reverse("filing:correction", args=[one["id"]])
            words = {"n": one["number"]}
            old = _("nothing") if one["old"] is None else number(one["old"])
            title = _("Correction %(n)d begun") % words
            yield Step(
                instant(one["asked_at"]), title, ASKED, one["asked_by"], "refresh", "warning", "", one["reason"],
                old, number(one["new"]), href,
            )  # fmt: skip

    def _events(self) -> Iterable[Step]:
        ranks = {"opened": OPENED, "imported": IMPORTED, "locked": LOCKED}
        for one in self.cell["events"]:
            if one["what"] in EVENTS:
                title, icon, tone = EVENTS[one["what"]]
                yield Step(
                    instant(one["at"]), title, ranks[one["what"]], one["by"], icon, tone, one["file"], one["words"]
                )


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
