"""What holds in a cell: its own entries, and those that its references bring in."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from gangmu.duties.norms.errors import ChoiceMissing, ChoiceRefused, UnknownCell, _
from gangmu.duties.norms.standard import Cell, Entry, Standard

Origin = Literal["own", "inherited", "chosen", "open"]
_RANK: dict[Origin, int] = {"own": 0, "inherited": 1, "chosen": 2, "open": 0}


@dataclass(frozen=True)
class Held:
    """An entry that holds, and why: in the cell's own section, brought in by a reference, or by a choice.

    An open reference is one whose choice is missing; `by` is the key of the reference that brought the entry in.
    """

    entry: Entry
    origin: Origin
    by: str = ""


@dataclass(frozen=True)
class Resolved:
    """What holds in a cell (or, without one, everything that the standard prints), in reading order."""

    standard: Standard
    cell: str
    choices: Mapping[str, str]
    held: tuple[Held, ...]

    @property
    def open(self) -> list[Held]:
        """The references whose choice is missing."""
        return [one for one in self.held if one.origin == "open"]

    @property
    def open_subjects(self) -> list[str]:
        """The subjects of missing choices, in the standard's order."""
        found = {self.standard.topics[one.entry.topic].refers for one in self.open}
        return [subject for subject in self.standard.subjects if subject in found]

    def require_closed(self) -> None:
        """See that no choice is missing.

        Raises:
            ChoiceMissing: names the subjects and what is offered.
        """
        if subjects := self.open_subjects:
            offered = ", ".join(self.standard.alternatives)
            raise ChoiceMissing(
                _("%(cell)s leaves open: %(subjects)s. Choose for each of them one of %(offered)s."),
                cell=self.cell, subjects=", ".join(subjects), offered=offered,
            )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        return {
            "standard": self.standard.code,
            "edition": self.standard.edition,
            "cell": self.cell or None,
            "choices": dict(self.choices),
            "entries": [entry_as_json(self.standard, one) for one in self.held],
        }


def entry_as_json(standard: Standard, held: Held) -> dict[str, Any]:
    """One entry with its statements, figures put in."""
    entry = held.entry
    parameters = standard.topics[entry.topic].parameters
    found: dict[str, Any] = {
        "key": entry.key,
        "section": entry.section,
        "topic": entry.topic,
        "origin": held.origin,
        "statements": [
            {
                "strength": statement.strength,
                "bound": statement.bound,
                "trigger": statement.trigger,
                "text": {"zh": (said := standard.text(entry, statement)).zh, "en": said.en},
                "parameters": {name: parameters[name].as_json(entry.values[name]) for name in statement.inserts},
            }
            for statement in entry.statements
        ],
        "refers": list(entry.to),
    }
    if held.origin == "open":
        found["alternatives"] = list(standard.alternatives)
    return found


def everything(standard: Standard) -> Resolved:
    """All entries as printed, none resolved."""
    return Resolved(standard, "", {}, tuple(Held(entry, "own") for entry in standard.entries.values()))


def resolve(
    standard: Standard, cell: str, choices: Mapping[str, str] | None = None, *, spare: bool = False
) -> Resolved:
    """What holds in a cell such as `A3+B4`, or in a combination of cells of one level such as `A3B1,A3B3`.

    A reference that names one section brings it in; one that names several brings in the chosen one, or stays open.
    Every entry stands once, after the reference that first brought it in. `spare`: choices of what the cell leaves not
    open are left aside instead of refused.

    Raises:
        UnknownCell: the standard has no such cell, or the cells of a combination differ in more than the last axis.
        ChoiceRefused: a subject or an alternative that is not offered, or not needed in this cell.
    """
    cells = _cells(standard, cell)
    chosen = _checked(standard, choices or {})
    found: dict[str, Held] = {}
    needed: set[str] = set()

    def take(entry: Entry, origin: Origin, by: str) -> None:
        open_here = len(entry.to) > 1 and (subject := standard.topics[entry.topic].refers) not in chosen
        if len(entry.to) > 1:
            needed.add(standard.topics[entry.topic].refers)
        held = Held(entry, "open" if open_here else origin, by)
        known = found.get(entry.key)
        if known is None:
            found[entry.key] = held
        elif _RANK[held.origin] < _RANK[known.origin]:
            found[entry.key] = held  # keeps its place
        else:
            return
        if open_here or not entry.to:
            return
        if len(entry.to) == 1:
            number, below = entry.to[0], "chosen" if origin == "chosen" else "inherited"
        else:
            subject = standard.topics[entry.topic].refers
            number, below = entry.to[list(standard.alternatives).index(chosen[subject])], "chosen"
        for other in standard.under(number):
            take(other, below, entry.key)  # type: ignore[arg-type]

    for one in cells:
        for number in one.sections:
            for entry in standard.under(number):
                take(entry, "own", "")
    idle = [subject for subject in chosen if subject not in needed]
    if idle and not spare:
        raise ChoiceRefused(
            _("%(cell)s leaves “%(subject)s” not open. It leaves open: %(open)s."),
            cell=cell, subject=idle[0], open=", ".join(sorted(needed)) or "–",
        )  # fmt: skip
    used = {subject: one for subject, one in chosen.items() if subject in needed}
    return Resolved(standard, ",".join(one.code for one in cells), used, tuple(found.values()))


def _cells(standard: Standard, given: str) -> list[Cell]:
    found: list[Cell] = []
    for code in dict.fromkeys(part.strip() for part in given.split(",")):
        if code not in standard.cells:
            raise _unknown(standard, code)
        found.append(standard.cells[code])
    varying = list(standard.axes)[-1:]
    for other in found[1:]:
        for axis, value in other.at.items():
            if axis not in varying and value != found[0].at[axis]:
                raise UnknownCell(
                    _("%(a)s and %(b)s do not combine: they differ in “%(axis)s”. Combine cells that share it."),
                    a=found[0].code, b=other.code, axis=standard.axes[axis].name,
                )  # fmt: skip
    return found


def _unknown(standard: Standard, code: str) -> UnknownCell:
    if not standard.cells:
        return UnknownCell(_("%(standard)s has no cells. Leave out the cell."), standard=standard.number)
    near = get_close_matches(code.upper(), standard.cells, 1, 0.6)
    if near:
        return UnknownCell(
            _("%(standard)s has no cell “%(cell)s”; did you mean %(near)s? There are: %(known)s."),
            standard=standard.number, cell=code[:40], near=near[0], known=", ".join(standard.cells),
        )  # fmt: skip
    return UnknownCell(
        _("%(standard)s has no cell “%(cell)s”. There are: %(known)s."),
        standard=standard.number, cell=code[:40], known=", ".join(standard.cells),
    )  # fmt: skip


def _checked(standard: Standard, choices: Mapping[str, str]) -> dict[str, str]:
    """The choices in the standard's order, each of them offered."""
    for subject, alternative in choices.items():
        if subject not in standard.subjects:
            raise ChoiceRefused(
                _("%(standard)s leaves no choice of “%(subject)s”. Choices are of: %(known)s."),
                standard=standard.number, subject=subject[:40], known=", ".join(standard.subjects) or "–",
            )  # fmt: skip
        if alternative not in standard.alternatives:
            raise ChoiceRefused(
                _("“%(alternative)s” is not offered for “%(subject)s”. Offered: %(known)s."),
                alternative=alternative[:40], subject=subject, known=", ".join(standard.alternatives),
            )  # fmt: skip
    return {subject: choices[subject] for subject in standard.subjects if subject in choices}
