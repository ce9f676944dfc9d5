"""Parameters of organisations 单元参数: of one with their history, of many in a grid, from and to a file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gangmu.foundation.parties import kinds, queries
from gangmu.foundation.parties.kinds import Attribute, AttributeType
from gangmu.foundation.parties.loading import values
from gangmu.foundation.parties.models import AttributeValue, Organisation, Verb
from gangmu.foundation.settings import clock
from gangmu.shell.organisations.changing.fields import DayInput
from gangmu.shell.organisations.changing.forms import ChangeForm, from_date_field

MOST_ROWS = 120  # of a grid; more go by a file


@dataclass(frozen=True)
class Wanted:
    """A value that is to be from a day on; None is no value."""

    code: str
    name: str
    value: str | None
    day: date

    def as_asked(self) -> list[str | None]:
        return [self.code, self.name, self.value, self.day.isoformat()]


def own_values(ones: Iterable[Organisation], day: date) -> dict[tuple[int, str], str]:
    """The values written at organisations themselves on a day, by organisation and name."""
    rows = AttributeValue.objects.filter(queries.among("organisation_id", [one.pk for one in ones]))
    held = rows.filter(valid__contains=day).order_by().values_list("organisation_id", "name", "value")
    return {(owner, name): value for owner, name, value in held}


def spellings(attribute: Attribute) -> dict[str, str]:
    """How each known choice is written, by its code: as most do already, since groups of figures go by the text."""
    rows = AttributeValue.objects.filter(name=attribute.name).order_by().values_list("value", flat=True)
    written: dict[str, Counter[str]] = {}
    for text in rows:
        known = attribute.choice(text)
        if known:
            written.setdefault(known.code, Counter())[text] += 1
    return {code: counts.most_common(1)[0][0] for code, counts in written.items()}


def choices_of(attribute: Attribute, held: str, written: Mapping[str, str]) -> list[tuple[str, str]]:
    """What can be chosen; what holds stands among it as it is written."""
    known = attribute.choice(held) if held else None
    found = [("", "–")]
    for choice in attribute.choices:
        text = held if known == choice else written.get(choice.code, choice.code)
        found.append((text, str(choice.name)))
    if held and not known:
        found.append((held, held))
    return found


def value_field(attribute: Attribute, held: str, written: Mapping[str, str]) -> forms.Field:
    """A field for a value, showing what holds."""
    label = f"{attribute.label} ({attribute.unit})" if attribute.unit else str(attribute.label)
    if attribute.type is AttributeType.CHOICE:
        choices = choices_of(attribute, held, written)
        return forms.ChoiceField(label=label, choices=choices, required=False, initial=held)
    widget = DayInput() if attribute.type is AttributeType.DATE else forms.TextInput()
    if attribute.type is AttributeType.NUMBER:
        widget.attrs["inputmode"] = "decimal"
    return forms.CharField(label=label, required=False, initial=held, widget=widget, max_length=values.LONGEST_TEXT)


def fault_of(text: str, attribute: Attribute) -> str:
    """What is wrong with a value; "" when it can be taken, or is none."""
    try:
        if text.strip():
            values.attribute_value(text.strip(), attribute)
    except ValidationError as fault:
        return " ".join(fault.messages)
    return ""


def differs(given: str, held: str, attribute: Attribute) -> bool:
    """Whether a value that was given is another than the one that holds: 600.0 is 600."""
    if not given.strip():
        return bool(held)
    return values.attribute_value(given.strip(), attribute)[0] != held


class ParameterForm(ChangeForm):
    """The parameters of one organisation from a day on; a blank field is no value."""

    verb = Verb.PARAMETERS

    def __init__(self, one: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(one, *args, **kwargs)
        held = own_values([one], clock.today())
        self.held = {name: held.get((one.pk, name), "") for name in kinds.attributes()}
        for name, attribute in kinds.attributes().items():
            written = spellings(attribute) if attribute.type is AttributeType.CHOICE else {}
            self.fields[f"value_{name}"] = value_field(attribute, self.held[name], written)
        self.fields["from_date"] = from_date_field()
        self.order_fields([name for name in self.fields if name != "reason"])

    def clean(self) -> None:
        for name, attribute in kinds.attributes().items():
            fault = fault_of(self.cleaned_data.get(f"value_{name}") or "", attribute)
            if fault:
                self.add_error(f"value_{name}", fault)
        if not self.errors and not self.asked()["values"]:
            self.add_error(None, _("Nothing is other than it is already. Change a value first."))

    def asked(self) -> dict[str, Any]:
        day = self.cleaned_data["from_date"]
        wanted = [
            Wanted(str(self.one.code), name, given.strip() or None, day).as_asked()
            for name, attribute in kinds.attributes().items()
            for given in [self.cleaned_data[f"value_{name}"]]
            if differs(given, self.held[name], attribute)
        ]
        return {"values": wanted}


@dataclass
class Cell:
    """A box of the grid."""

    name: str
    attribute: Attribute
    given: str
    inherited: str
    choices: list[tuple[str, str]]
    fault: str = ""

    @property
    def is_choice(self) -> bool:
        return self.attribute.type is AttributeType.CHOICE

    @property
    def is_day(self) -> bool:
        return self.attribute.type is AttributeType.DATE

    @property
    def is_number(self) -> bool:
        return self.attribute.type is AttributeType.NUMBER


@dataclass
class GridRow:
    organisation: Organisation
    cells: list[Cell]


class Grid:
    """Organisations × parameters on a day, as boxes that can be typed into."""

    def __init__(self, ones: Sequence[Organisation], day: date, scope: Any, given: Mapping[str, str] | None = None):
        self.ones, self.day = list(ones), day
        self.held = own_values(ones, day)
        self.attributes = list(kinds.attributes().values())
        inherited = queries.standings(day, scope)
        written = {each.name: spellings(each) for each in self.attributes if each.type is AttributeType.CHOICE}
        self.rows = [
            GridRow(one, [self._cell(one, each, inherited, written, given) for each in self.attributes]) for one in ones
        ]

    def _cell(
        self,
        one: Organisation,
        attribute: Attribute,
        standings: Mapping[int, queries.Standing],
        written: Mapping[str, Mapping[str, str]],
        given: Mapping[str, str] | None,
    ) -> Cell:
        name = f"v_{one.pk}_{attribute.name}"
        held = self.held.get((one.pk, attribute.name), "")
        text = given.get(name, held) if given is not None else held
        standing = standings.get(one.pk)
        above = standing.attributes.get(attribute.name, "") if standing and not held else ""
        is_choice = attribute.type is AttributeType.CHOICE
        choices = choices_of(attribute, text, written[attribute.name]) if is_choice else []
        shown = attribute.shown(above) if above else ""
        return Cell(name, attribute, text, shown, choices, fault_of(text, attribute) if given is not None else "")

    @property
    def faults(self) -> int:
        return sum(bool(cell.fault) for row in self.rows for cell in row.cells)

    def wanted(self, from_day: date) -> list[Wanted]:
        """What was typed that is other than what holds."""
        return [
            Wanted(str(row.organisation.code), cell.attribute.name, cell.given.strip() or None, from_day)
            for row in self.rows
            for cell in row.cells
            if not cell.fault
            and differs(cell.given, self.held.get((row.organisation.pk, cell.attribute.name), ""), cell.attribute)
        ]


def below(one: Organisation, kind: str, day: date, scope: Any) -> list[Organisation]:
    """Organisations of a kind at and below one on a day, in the order of the tree."""
    roots = [node for root in queries.tree(day, scope) for node in root.walk() if node.organisation.pk == one.pk]
    return [node.organisation for root in roots for node in root.walk() if node.organisation.kind == kind]


def kinds_below(one: Organisation, day: date, scope: Any) -> list[kinds.Kind]:
    """The kinds of organisations at and below one on a day, from the top down."""
    roots = [node for root in queries.tree(day, scope) for node in root.walk() if node.organisation.pk == one.pk]
    present = {node.organisation.kind for root in roots for node in root.walk()}
    return [kind for kind in kinds.all_kinds() if kind.code in present]
