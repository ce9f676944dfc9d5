"""Corrections 更正: what shall replace approved figures, and why. Facts change when its own route has ended."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.models.facts import Mark
from gangmu.figures.filing.models.sheets import Sheet
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class Correction(models.Model):
    """A proposal to replace figures of an approved or locked sheet."""

    row_security = ByOrganisation(room="figures")
    keeps_history = True

    class Status(models.TextChoices):
        OPEN = "open", _("being filled in")
        SUBMITTED = "submitted", _("under approval")
        RETURNED = "returned", _("returned")
        APPLIED = "applied", _("in force")
        WITHDRAWN = "withdrawn", _("withdrawn")

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="corrections")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    reason = models.TextField(_("reason"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(_("version"), default=0)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=80, blank=True)
    applied_at = models.DateTimeField(_("in force since"), null=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.UniqueConstraint(name="a_sheets_corrections_are_numbered", fields=["sheet", "number"]),
            models.UniqueConstraint(
                name="one_correction_of_a_sheet_at_a_time",
                fields=["sheet"],
                condition=Q(status__in=["open", "submitted", "returned"]),
            ),
            models.CheckConstraint(name="a_correction_of_a_sheet_says_why", condition=~Q(reason="")),
        ]


class CorrectionCell(models.Model):
    """One figure of a correction: what stands (scaled, none when nothing does) and what shall."""

    row_security = ByOrganisation(room="figures")
    keeps_history = False

    pk = models.CompositePrimaryKey("correction_id", "organisation_id", "indicator_id")
    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="cells")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+", db_index=False)
    old = models.BigIntegerField(_("stands"), null=True)
    new = models.BigIntegerField(_("shall stand"))
    mark = models.SmallIntegerField(_("mark"), choices=Mark.choices, default=Mark.NONE, db_default=0)
    text = models.CharField(_("as typed"), max_length=200, blank=True)


class CorrectionFile(models.Model):
    """A document that proves a correction."""

    row_security = ByOrganisation(room="figures")
    keeps_history = True

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="files")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
