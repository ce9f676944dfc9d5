"""Sheets 填报单: a form filled in by one organisation for one period, with all that was said about it on the way."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.models.facts import Batch, Mark
from gangmu.figures.filing.models.forms import Form
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class Sheet(models.Model):
    """A form × organisation × period. `period` is the first day of the day or month.

    Its figures are facts from the first submission on. `version` counts every change of its cells, so that two people
    and an offline copy can tell what each has seen.
    """

    row_security = ByOrganisation(room="figures")
    keeps_history = False  # its events, revisions and decisions are its history

    class Status(models.TextChoices):
        OPEN = "open", _("being filled in")
        SUBMITTED = "submitted", _("under approval")
        RETURNED = "returned", _("returned")
        APPROVED = "approved", _("approved")
        LOCKED = "locked", _("locked")

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="sheets")
    form_code = models.CharField(_("form"), max_length=64)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    period = models.DateField(_("period"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    state = models.SmallIntegerField(_("state of its figures"), default=0)  # 0 before the first submission, else State
    due_at = models.DateTimeField(_("due"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    first_submitted_at = models.DateTimeField(_("first submitted at"), null=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)
    locked_at = models.DateTimeField(_("locked at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    revision = models.PositiveIntegerField(_("revision"), default=0)  # number of the newest `Revision`

    class Meta:
        verbose_name = _("sheet")
        verbose_name_plural = _("sheets")
        constraints = [
            models.UniqueConstraint(name="one_sheet_a_period", fields=["form_code", "organisation", "period"]),
        ]
        indexes = [models.Index(name="sheets_by_period", fields=["period", "form_code"])]

    def __str__(self) -> str:
        return f"{self.form_code} {self.organisation_id} {self.period}"


class Cell(models.Model):
    """What stands in a cell of a sheet that is being filled in, as typed; facts are made of it at submission.

    `value` is scaled as a fact's; empty while nothing, or nothing readable, was typed. `version` is the sheet's version
    at which the cell was last changed: an edit that was based on an older one meets another person's.
    """

    row_security = ByOrganisation(room="figures")
    keeps_history = False

    pk = models.CompositePrimaryKey("sheet_id", "organisation_id", "indicator_id")
    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="cells")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(_("as typed"), max_length=200, blank=True)
    value = models.BigIntegerField(_("value"), null=True)
    mark = models.SmallIntegerField(_("mark"), choices=Mark.choices, default=Mark.NONE, db_default=0)
    version = models.PositiveIntegerField(_("version"))
    edited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    edited_by_name = models.CharField(max_length=80, blank=True)
    edited_at = models.DateTimeField(_("edited at"))


class Saving(models.Model):
    """The answer to one saving of cells, by the key that came with it: who sends it twice is told the same twice.

    Kept while the sheet's cells are.
    """

    row_security = ByOrganisation(room="figures")
    keeps_history = False

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="savings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(_("idempotency key"), max_length=64)
    answer = models.JSONField(_("answer"))
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        constraints = [models.UniqueConstraint(name="a_saving_is_answered_once", fields=["sheet", "key"])]


class Revision(models.Model):
    """One submission or correction of a sheet: which batch of facts it recorded, and what was found in it.

    `remarks_count`: how many remarks there were; what is said while others decide is no part of what they decide on.
    """

    row_security = ByOrganisation(room="figures")
    keeps_history = False
    updatable = ()

    class Kind(models.TextChoices):
        SUBMISSION = "submission", _("submission")
        CORRECTION = "correction", _("correction")

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="revisions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="+")  # none: nothing changed
    content_hash = models.CharField(max_length=64)
    findings = models.JSONField(_("findings"), default=list)
    words = models.TextField(_("words"), blank=True)
    remarks_count = models.PositiveIntegerField(_("remarks"), default=0)
    cells_count = models.PositiveIntegerField(_("cells"), default=0)
    changed_count = models.PositiveIntegerField(_("changed"), default=0)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="a_sheets_revisions_are_numbered", fields=["sheet", "number"])]


class Explanation(models.Model):
    """The clerk's words for a warning. `figures` is what they were said of: other figures need new words."""

    row_security = ByOrganisation(room="figures")
    keeps_history = False
    updatable = ()

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="explanations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(_("finding"), max_length=200)  # Finding.key
    figures = models.JSONField(_("figures"), default=dict)  # Finding.numbers
    words = models.TextField(_("words"))
    said_at = models.DateTimeField(_("said at"))
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    said_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="an_explanation_has_words", condition=~Q(words=""))]


class Remark(models.Model):
    """A comment on a cell, or on the sheet as a whole when it names no indicator."""

    row_security = ByOrganisation(room="figures")
    keeps_history = False
    updatable = ()

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="remarks")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.TextField(_("words"))
    said_at = models.DateTimeField(_("said at"))
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    said_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="a_remark_has_words", condition=~Q(words=""))]


class SheetEvent(models.Model):
    """One line of a sheet's history: who did what when, in their own words where they had any."""

    row_security = ByOrganisation(room="figures")
    keeps_history = False
    updatable = ()

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="events")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(_("what"), max_length=24)
    words = models.TextField(_("words"), blank=True)
    data = models.JSONField(_("details"), default=dict)
    happened_at = models.DateTimeField(_("happened at"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=80, blank=True)
