"""Editions 期次: a report as it was issued, with its files; who wants to be told, and who has received it.

What was issued never changes: triggers (`functions.sql`) refuse it, whoever writes.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.models import State
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, ByParent, ByUser, SystemOnly


class Edition(models.Model):
    """One edition of a report of an organisation for a period. Rows are only ever added.

    `content` is what `Content.as_json` gave, so that the edition shows for ever what it showed when it was issued;
    `digest` is that content's. `state` is the lowest state of the period's own figures.
    """

    row_security = ByOrganisation(room="figures", during="last_day")
    keeps_history = False

    class Reason(models.TextChoices):
        SCHEDULED = "scheduled", _("issued as scheduled")
        APPROVED = "approved", _("re-issued: approved by the group")
        CHANGED = "changed", _("re-issued: figures changed")
        MANUAL = "manual", _("issued by hand")

    report = models.CharField(_("report"), max_length=64)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(_("period"), max_length=24)
    last_day = models.DateField(_("last day"))
    number = models.PositiveSmallIntegerField(_("edition"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    state = models.PositiveSmallIntegerField(_("state"), choices=State.choices, null=True)
    is_final = models.BooleanField(_("approved by the group"), default=False)
    digest = models.CharField(max_length=64, editable=False)
    content = models.JSONField()
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-last_day", "-number"]
        constraints = [
            models.UniqueConstraint(
                name="editions_of_a_report_are_numbered", fields=["report", "organisation", "period", "number"]
            ),
            models.CheckConstraint(name="editions_are_numbered_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(name="an_edition_has_a_digest", condition=Q(digest__regex="^[0-9a-f]{64}$")),
        ]
        indexes = [models.Index(name="reports_editions_by_day", fields=["report", "organisation", "-last_day"])]

    def __str__(self) -> str:
        return f"{self.report} {self.organisation_id} {self.period} {self.number}"


class EditionFile(models.Model):
    """A file of an edition: the workbook or the PDF in one language, as it was when the edition was issued."""

    row_security = ByParent(field="edition_id", parent="reports.Edition")
    keeps_history = False

    class Kind(models.TextChoices):
        XLSX = "xlsx", _("Excel workbook")
        PDF = "pdf", "PDF"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="files")
    language = models.CharField(_("language"), max_length=8)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("file of an edition")
        verbose_name_plural = _("files of editions")
        constraints = [
            models.UniqueConstraint(name="one_file_of_a_kind_and_language", fields=["edition", "language", "kind"])
        ]


class Subscription(models.Model):
    """That a user wants to be told when a report of an organisation is issued."""

    row_security = ByUser("user_id")
    keeps_history = False

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    report = models.CharField(_("report"), max_length=64)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("subscription to a report")
        verbose_name_plural = _("subscriptions to reports")
        constraints = [models.UniqueConstraint(name="one_subscription_each", fields=["user", "report", "organisation"])]


class Receipt(models.Model):
    """That an edition was sent to somebody 分发回执, when they opened it and, where it asks for it, confirmed it.

    Nobody opens or confirms for others: the database refuses it.
    """

    row_security = ByParent(field="edition_id", parent="reports.Edition")
    keeps_history = False

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="receipts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    sent_at = models.DateTimeField(_("sent at"))
    opened_at = models.DateTimeField(_("opened at"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    class Meta:
        verbose_name = _("receipt of an edition")
        verbose_name_plural = _("receipts of editions")
        ordering = ["name", "user_id"]
        constraints = [
            models.UniqueConstraint(name="an_edition_is_sent_once_to_each", fields=["edition", "user"]),
            models.CheckConstraint(
                name="what_is_confirmed_was_opened", condition=Q(confirmed_at=None) | Q(opened_at__isnull=False)
            ),
        ]


class Distribution(models.Model):
    """That an edition has been sent. The workers' own: an edition without one is still to be sent."""

    row_security = SystemOnly()
    keeps_history = False

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField(_("sent at"))
    count = models.PositiveIntegerField(_("people"))

    class Meta:
        verbose_name = _("distribution of an edition")
        verbose_name_plural = _("distributions of editions")
