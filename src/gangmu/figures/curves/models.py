"""Which daily indicators have curves, and the revisions of the curves.

Like facts, rows of `CurveDay` are only ever added, and one column says later which batch replaced them. They stand in
the batches of the facts' log: the daily figures that a curve comes to enter with it, or neither does.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gangmu.figures.curves.points import POINTS
from gangmu.figures.filing.models import Batch, Scenario, State
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone, RowSecurity


class Curve(models.Model):
    """A daily indicator has a curve of 96 points a day, of which its daily figure is made.

    The daily figure is the energy of the day where the indicator counts energy; where it is a power it is the day's
    mean, highest or lowest, as the indicator adds up over time. `highest`, `lowest`, `mean` and `energy` name further
    daily indicators that the day's figures go to.
    """

    row_security: ClassVar[RowSecurity] = Everyone()
    keeps_history = True

    class Unit(models.TextChoices):
        MW = "MW", "MW"
        MWH = "MWh", "MWh"

    indicator = models.OneToOneField(
        Indicator, on_delete=models.PROTECT, primary_key=True, related_name="curve", verbose_name=_("indicator")
    )
    unit = models.CharField(_("unit of the points"), max_length=3, choices=Unit.choices)
    precision = models.PositiveSmallIntegerField(_("decimals"))
    energy = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("energy of the day")
    )
    highest = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("highest of the day")
    )
    lowest = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("lowest of the day")
    )
    mean = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("mean of the day")
    )

    class Meta:
        verbose_name = _("curve")
        verbose_name_plural = _("curves")
        constraints = [
            models.CheckConstraint(name="a_curve_is_in_mw_or_mwh", condition=Q(unit__in=["MW", "MWh"])),
            models.CheckConstraint(name="a_curve_has_at_most_six_decimals", condition=Q(precision__lte=6)),
        ]

    def __str__(self) -> str:
        return str(self.indicator)


class CurveDay(models.Model):
    """One revision of the curve of an organisation on a business day.

    `points` are 96 integers in units of 10^-precision of the curve, null where a point is missing. What was recorded
    by this batch, and which of it replaced another value, is told by comparing it with the revision before.
    """

    row_security: ClassVar[RowSecurity] = ByOrganisation(room="figures", during="day")
    keeps_history = False  # the revisions are the history
    updatable = ("superseded_by_id", "state")
    web_writes = False  # curves come in through loads

    pk = models.CompositePrimaryKey("indicator_id", "scenario_id", "organisation_id", "day", "batch_id")
    indicator = models.ForeignKey(Curve, on_delete=models.PROTECT, related_name="+", db_index=False)
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("business day"))
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    points = ArrayField(models.BigIntegerField(null=True), verbose_name=_("points"))
    state = models.SmallIntegerField(_("state"), choices=State.choices)
    superseded_by = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("curve of a day")
        verbose_name_plural = _("curves of days")
        constraints = [
            models.UniqueConstraint(
                name="one_revision_of_a_curve_holds",
                fields=["indicator", "scenario", "organisation", "day"],
                condition=Q(superseded_by__isnull=True),
            ),
            models.CheckConstraint(name="a_curve_has_96_points", condition=Q(points__len=POINTS)),
            models.CheckConstraint(
                name="a_curve_is_not_replaced_by_itself",
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("batch")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "day"], name="curves_of_an_organisation")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.organisation_id} {self.day}"
