"""The quarterly review of who holds what 权限复核: a part for each branch, a line for each assignment.

Rows are written by functions alone (`review.sql`); what is signed does not change any more.
"""

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access.models.roles import Assignment, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone


class Review(models.Model):
    """The review of one quarter."""

    row_security = Everyone()
    keeps_history = True

    quarter = models.CharField(_("quarter"), max_length=7, unique=True)
    due = models.DateField(_("due"))
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("opened by")
    )

    class Meta:
        verbose_name = _("entitlement review")
        verbose_name_plural = _("entitlement reviews")

    def __str__(self) -> str:
        return self.quarter


class ReviewPart(models.Model):
    """What one branch has to review, and who signed that it did. `digest` is the SHA-256 of what was signed."""

    row_security = ByOrganisation(room="access")
    keeps_history = True
    web_writes = False

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="parts", verbose_name=_("review"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch"))
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed by")
    )
    signed_by_name = models.CharField(max_length=80, blank=True, default="", db_default="")
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("part of a review")
        verbose_name_plural = _("parts of a review")
        constraints = [
            models.UniqueConstraint(name="a_branch_has_one_part_of_a_review", fields=["review", "organisation"])
        ]

    def __str__(self) -> str:
        return f"{self.review} · {self.organisation}"


class ReviewLine(models.Model):
    """One assignment under review, as it stood when the review was opened, and what was decided about it.

    `marks`: what a reviewer should know. `organisation` is the assignment's.
    """

    row_security = ByOrganisation(room="access")
    keeps_history = True
    web_writes = False

    class Decision(models.TextChoices):
        OPEN = "", _("not decided")
        KEEP = "keep", _("keep")
        END = "end", _("end")
        CHANGE = "change", _("change")

    class Mark(models.TextChoices):
        SHRUNK = "shrunk", _("the giver no longer holds it")
        DORMANT = "dormant", _("not used for 90 days")
        CLOSED = "closed", _("the account is closed")
        ENDLESS = "endless", _("without an end")
        POWER = "power", _("one of the three powers")

    part = models.ForeignKey(ReviewPart, on_delete=models.PROTECT, related_name="lines", verbose_name=_("part"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    assignment = models.ForeignKey(
        Assignment, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("assignment")
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+", verbose_name=_("role"))
    reach = models.CharField(_("reach"), max_length=8, choices=Assignment.Reach.choices)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)
    marks = ArrayField(models.CharField(max_length=12, choices=Mark.choices), default=list, db_default=[])
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices, default="", db_default="")
    end_on = models.DateField(_("ends on (exclusive)"), null=True, blank=True)
    new_role = models.ForeignKey(
        Role, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("role instead")
    )
    new_reach = models.CharField(
        _("reach instead"), max_length=8, choices=Assignment.Reach.choices, blank=True, default="", db_default=""
    )
    words = models.CharField(_("words"), max_length=400, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("line of a review")
        verbose_name_plural = _("lines of a review")
        constraints = [
            models.UniqueConstraint(name="an_assignment_has_one_line_of_a_part", fields=["part", "assignment"])
        ]

    def __str__(self) -> str:
        return f"{self.part} · {self.user} · {self.role}"

    @property
    def last_day(self) -> date | None:
        """The last day of the assignment as it stood."""
        return self.valid_to - timedelta(days=1) if self.valid_to else None

    @property
    def end_last(self) -> date | None:
        """The last day that counts, where it ends."""
        return self.end_on - timedelta(days=1) if self.end_on else None
