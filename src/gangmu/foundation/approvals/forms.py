"""What an action asks of whoever takes it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 2000


def words(label: Any, *, required: bool = False, rows: int = 2, hint: Any = "") -> forms.CharField:
    """A few sentences."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("Say it in a few words.")},
    )


class PersonField(forms.TypedChoiceField):
    """One of the people who may be named; filled by the form."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            coerce=int,
            error_messages={"required": _("Choose a person."), "invalid_choice": _("This person may not be named.")},
        )

    def offer(self, people: Iterable[tuple[int, str, str]]) -> None:
        """The people by id, name and where they work."""
        named = ((pk, f"{name} · {organisation}" if organisation else name) for pk, name, organisation in people)
        self.choices = [("", _("Choose …")), *named]


class ActionForm(forms.Form):
    """Every action's form carries what was on the screen: the subject's hash, and which place was shown as theirs."""

    person_field = ""  # which field names a person

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    place = forms.IntegerField(required=False, min_value=1, max_value=32767, widget=forms.HiddenInput)
    next = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def offer(self, people: Iterable[tuple[int, str, str]]) -> None:
        """Put the people who may be named into the form."""
        field = self.fields[self.person_field]
        assert isinstance(field, PersonField)
        field.offer(people)


class ApproveForm(ActionForm):
    words = words(_("Your words (may be left empty)"))


class ReturnForm(ActionForm):
    to = forms.ChoiceField(label=_("Return to"), widget=forms.RadioSelect)
    reason = words(_("Why, and what to correct"), required=True, rows=3)

    def offer_nodes(self, nodes: list[tuple[str, str]]) -> None:
        """Put the places to which it may go back into the form: the requester first."""
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = nodes
        field.initial = nodes[0][0]


class WithdrawForm(ActionForm):
    reason = words(_("Why (may be left empty)"))


class DelegateForm(ActionForm):
    person_field = "to"
    to = PersonField(_("Hand it over to"))
    reason = words(_("Why"), required=True)


class AddForm(ActionForm):
    person_field = "who"
    who = PersonField(_("Who must approve too"))
    when = forms.ChoiceField(
        label=_("When"),
        choices=[("before", _("before me")), ("after", _("after me"))],
        initial="before",
        widget=forms.RadioSelect,
    )
    reason = words(_("Why"), required=True)


class CountersignForm(ActionForm):
    person_field = "who"
    who = PersonField(_("Who signs together with you"))
    words = words(_("Your words (may be left empty)"))


class ConsultForm(ActionForm):
    person_field = "who"
    who = PersonField(_("Whom to ask"))
    question = words(_("Your question"), required=True, rows=3)


class AnswerForm(ActionForm):
    words = words(_("Your answer"), required=True, rows=3)


class RemindForm(ActionForm):
    words = words(_("Your words (may be left empty)"))


class ReassignForm(ActionForm):
    person_field = "to"
    to = PersonField(_("Give it to"))
    reason = words(_("Why"), required=True)


class LeaveForm(forms.Form):
    """Who acts for me, and on which days."""

    stand_in = PersonField(_("Stand-in"))
    first = forms.DateField(label=_("First day away"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_("Last day away"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first."))
        return data


class OthersLeaveForm(LeaveForm):
    """Who is away, as an administrator says it for somebody who fell ill, and who acts meanwhile."""

    at = forms.CharField(max_length=200, widget=forms.HiddenInput)
    user = PersonField(_("Who is away"))
    field_order = ("at", "user", "stand_in", "first", "last")
