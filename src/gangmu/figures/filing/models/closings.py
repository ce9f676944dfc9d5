"""Closed months 关账: from when on a month's settled values answer for it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class MonthClosing(models.Model):
    """A month of a daily indicator was closed 关账 for an organisation and all below it, and perhaps reopened 反关账.

    While it is closed the settled values 月报数 of the indicator's monthly partner answer for the month, and no figure
    of either changes (see functions.sql). Rows are only added; reopening fills in the second half, once. Closing and
    reopening each make a batch, by way of a trigger, so that the cube folds them in the order of commits.
    """

    row_security = ByOrganisation(room="figures", during="month")
    keeps_history = True

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+", verbose_name=_("indicator"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    month = models.DateField(_("month"))  # its first day
    closed_at = models.DateTimeField(_("closed at"))
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    reason = models.TextField(_("reason"))
    reopened_at = models.DateTimeField(_("reopened at"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("reopened by")
    )
    reopening_reason = models.TextField(_("reason for reopening"), blank=True)

    class Meta:
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        indexes = [models.Index(fields=["indicator", "month"], name="closings_of_an_indicator")]
        constraints = [
            models.UniqueConstraint(
                name="a_month_is_closed_once",
                fields=["indicator", "organisation", "month"],
                condition=Q(reopened_at__isnull=True),
            ),
            models.CheckConstraint(name="closing_a_month_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="reopening_a_month_says_why",
                condition=Q(reopened_at__isnull=True, reopening_reason="")
                | Q(Q(reopened_at__isnull=False), ~Q(reopening_reason="")),
            ),
            models.CheckConstraint(name="a_closed_month_begins_with_its_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.organisation_id} {self.month:%Y-%m}"
