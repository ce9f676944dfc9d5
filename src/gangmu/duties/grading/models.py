"""Grades of systems, who confirmed them, what was handed over before going live, and the house's matrices by date."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gangmu.duties.norms.models import Baseline
from gangmu.duties.resources.models import Resource
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone


class MatrixCell(models.Model):
    """One cell of a scheme's matrix while `valid`: printed in the standard, for good, or of the house, dated.

    The ranks (0 is the highest) stand beside the levels, so that the database itself keeps every matrix monotone on
    every day. A printed cell never changes; a cell of the house is never rewritten, but ended and followed by another.
    """

    row_security = Everyone(write=True)  # a trigger lets those alone write who may change grading everywhere
    keeps_history = True

    class Source(models.TextChoices):
        PRINTED = "printed", _("printed in the standard")
        HOUSE = "house", _("house rule")

    scheme = models.CharField(_("scheme"), max_length=40)
    step = models.CharField(_("step"), max_length=40)
    row = models.CharField(_("row"), max_length=40)
    column = models.CharField(_("column"), max_length=40)
    level = models.CharField(_("level"), max_length=40)
    row_rank = models.PositiveSmallIntegerField()
    column_rank = models.PositiveSmallIntegerField()
    level_rank = models.PositiveSmallIntegerField()
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    clause = models.CharField(_("clause"), max_length=20, blank=True)
    valid = DateRangeField(_("valid"))
    reason = models.TextField(_("reason"), blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # none: shipped
    set_by_name = models.CharField(max_length=80, blank=True)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("cell of a matrix")
        verbose_name_plural = _("cells of matrices")
        constraints = [
            ExclusionConstraint(
                name="a_cell_has_one_level_at_a_time",
                expressions=[
                    (F("scheme"), RangeOperators.EQUAL),
                    (F("step"), RangeOperators.EQUAL),
                    (F("row"), RangeOperators.EQUAL),
                    (F("column"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="a_printed_cell_is_for_good",
                condition=~Q(source="printed") | (Q(valid__startswith__isnull=True) & Q(valid__endswith__isnull=True)),
            ),
            models.CheckConstraint(name="a_cell_has_a_source", condition=Q(source__in=["printed", "house"])),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.step} {self.row} × {self.column} = {self.level}"


class Grading(models.Model):
    """A system graded by one scheme: the factors, the calculation as it was, and who confirms it.

    `calculation` is `Outcome.as_json()` with the matrices of its day: frozen with the row's confirmation. `parties` are
    the codes of those who must confirm. `number` counts the gradings of a system by a scheme.
    """

    row_security = ByOrganisation(room="grading")
    keeps_history = True

    class Kind(models.TextChoices):
        FIRST = "first", _("first grading")
        AGAIN = "again", _("re-grading")
        INHERITED = "inherited", _("taken from what needs it")

    class Status(models.TextChoices):
        OPEN = "open", _("in preparation")
        SUBMITTED = "submitted", _("being confirmed")
        RETURNED = "returned", _("returned")
        IN_FORCE = "in_force", _("in force")
        ENDED = "ended", _("replaced")
        WITHDRAWN = "withdrawn", _("withdrawn")

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="gradings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(_("scheme"), max_length=40)
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    factors = models.JSONField(_("factors"))
    calculation = models.JSONField(_("calculation"))
    result = models.CharField(_("result"), max_length=10)
    source = models.CharField(_("source"), max_length=8, choices=MatrixCell.Source.choices)
    reason = models.TextField(_("reason"), blank=True)
    parties = ArrayField(models.CharField(max_length=40), verbose_name=_("parties"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    valid = DateRangeField(_("valid"), null=True)
    baseline = models.ForeignKey(Baseline, on_delete=models.PROTECT, null=True, related_name="+")
    catalogue = models.JSONField(_("services"), default=list)  # of the grade's cell, frozen with the grade
    version = models.PositiveIntegerField(_("version"), default=1)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(_("prepared by"), max_length=80, blank=True)
    asked_at = models.DateTimeField(_("prepared at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    class Meta:
        verbose_name = _("grading")
        verbose_name_plural = _("gradings")
        constraints = [
            models.UniqueConstraint(name="gradings_of_a_system_are_numbered", fields=["resource", "scheme", "number"]),
            models.UniqueConstraint(
                name="one_grading_of_a_system_in_hand",
                fields=["resource", "scheme"],
                condition=Q(status__in=["open", "submitted", "returned"]),
            ),
            ExclusionConstraint(
                name="one_grade_of_a_system_at_a_time",
                expressions=[
                    (F("resource"), RangeOperators.EQUAL),
                    (F("scheme"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["in_force", "ended"]),
            ),
            models.CheckConstraint(
                name="a_grade_in_force_says_since_when",
                condition=Q(status__in=["in_force", "ended"], valid__isnull=False, confirmed_at__isnull=False)
                | (~Q(status__in=["in_force", "ended"]) & Q(valid__isnull=True)),
            ),
            models.CheckConstraint(
                name="an_inherited_grade_alone_has_no_parties",
                condition=Q(kind="inherited", parties=[]) | (~Q(kind="inherited") & ~Q(parties=[])),
            ),
            models.CheckConstraint(name="a_regrading_says_why", condition=~Q(kind="again") | ~Q(reason="")),
        ]
        indexes = [models.Index(name="gradings_by_scheme", fields=["scheme", "status", "result"])]

    def __str__(self) -> str:
        return f"{self.scheme} {self.resource_id}/{self.number} = {self.result}"


class Confirmation(models.Model):
    """One party's confirmation of a grading. No person confirms for two parties, with whichever account."""

    row_security = ByOrganisation(room="grading")
    keeps_history = True

    grading = models.ForeignKey(Grading, on_delete=models.CASCADE, related_name="confirmations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    party = models.CharField(_("party"), max_length=40)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    user_name = models.CharField(_("confirmed by"), max_length=80)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed at"))

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        constraints = [
            models.UniqueConstraint(name="a_party_confirms_once", fields=["grading", "party"]),
            models.UniqueConstraint(name="nobody_confirms_twice", fields=["grading", "user"]),
            models.UniqueConstraint(
                name="nobody_confirms_twice_with_another_account",
                fields=["grading", "contact"],
                condition=Q(contact__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grading_id} {self.party} {self.user_name}"


class Certificate(models.Model):
    """A certificate of a grade as it was made: one file for each kind and language, kept with the documents."""

    row_security = ByOrganisation(room="grading")
    keeps_history = True

    grading = models.ForeignKey(Grading, on_delete=models.PROTECT, related_name="certificates")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=4, choices=[("pdf", "PDF"), ("docx", "Word")])
    language = models.CharField(_("language"), max_length=8, choices=[("zh", _("Chinese")), ("en", _("English"))])
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(name="a_certificate_is_made_once", fields=["grading", "kind", "language"])
        ]

    def __str__(self) -> str:
        return f"{self.grading_id} {self.kind} {self.language}"


class GoLive(models.Model):
    """A system's way into operation 上线: the grade, and what business side and sponsor hand over to operation.

    What a grade asks for is in `services.golive.needs`; a text says what is handed over, files prove it.
    """

    row_security = ByOrganisation(room="grading")
    keeps_history = True

    class Status(models.TextChoices):
        OPEN = "open", _("in preparation")
        SUBMITTED = "submitted", _("being confirmed")
        RETURNED = "returned", _("returned")
        LIVE = "live", _("live")
        WITHDRAWN = "withdrawn", _("withdrawn")

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    grading = models.ForeignKey(Grading, on_delete=models.PROTECT, null=True, related_name="+")  # when submitted
    backup_policy = models.TextField(_("backup policy"), blank=True)
    backup_servers = models.TextField(_("backup servers"), blank=True)
    monitoring = models.TextField(_("monitoring needs"), blank=True)
    support = models.TextField(_("round-the-clock support by the business side"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(_("version"), default=1)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by_name = models.CharField(_("prepared by"), max_length=80, blank=True)
    asked_at = models.DateTimeField(_("prepared at"))
    live_on = models.DateField(_("live since"), null=True)

    class Meta:
        verbose_name = _("going live")
        verbose_name_plural = _("going live")
        constraints = [
            models.UniqueConstraint(
                name="a_system_goes_live_once", fields=["resource"], condition=~Q(status="withdrawn")
            ),
            models.CheckConstraint(
                name="live_says_since_when_and_with_which_grade",
                condition=Q(status="live", live_on__isnull=False, grading__isnull=False)
                | (~Q(status="live") & Q(live_on__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.status}"


class GoLiveFile(models.Model):
    """A document that is handed over before a system goes live."""

    row_security = ByOrganisation(room="grading")
    keeps_history = True

    class Item(models.TextChoices):
        POLICY = "backup_policy", _("backup policy")
        SERVERS = "backup_servers", _("backup servers")
        MONITORING = "monitoring", _("monitoring needs")
        SUPPORT = "support", _("round-the-clock support by the business side")

    golive = models.ForeignKey(GoLive, on_delete=models.CASCADE, related_name="files")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(_("item"), max_length=20, choices=Item.choices)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_document_is_handed_over_once", fields=["golive", "item", "document"])
        ]

    def __str__(self) -> str:
        return f"{self.golive_id} {self.item} {self.document_id}"
