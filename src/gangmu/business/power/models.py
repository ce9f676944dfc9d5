"""The log of units 机组启停记录: starts, stops, deratings and their ends."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.business.power.causes import causes
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class UnitEvent(models.Model):
    """One event of a unit. Rows are only ever added; one that was wrong is voided, with a reason, and stays.

    `cause` is a code of `content/event_causes.yaml`; `available_mw` the capacity that a derating leaves.
    """

    row_security = ByOrganisation(room="figures")
    keeps_history = False  # rows are added, and voided once: they are their own history
    updatable = ("voided_at", "voided_by_id", "voided_by_name", "void_reason")

    class Kind(models.TextChoices):
        START = "start", _("start")
        STOP = "stop", _("stop")
        DERATE = "derate", _("derating")
        RESTORE = "restore", _("full output again")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("generating unit")
    )
    kind = models.CharField(_("event"), max_length=8, choices=Kind.choices)
    happened_at = models.DateTimeField(_("happened at"))
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    available_mw = models.DecimalField(_("available capacity"), max_digits=10, decimal_places=3, null=True, blank=True)
    words = models.TextField(_("words"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_by_name = models.CharField(_("recorded by"), max_length=80, blank=True)
    voided_at = models.DateTimeField(_("voided at"), null=True)
    voided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    voided_by_name = models.CharField(_("voided by"), max_length=80, blank=True)
    void_reason = models.TextField(_("why it was voided"), blank=True)

    class Meta:
        verbose_name = _("unit event")
        verbose_name_plural = _("unit events")
        indexes = [models.Index(name="events_of_a_unit", fields=["organisation", "happened_at"])]
        constraints = [
            models.UniqueConstraint(
                name="a_unit_has_one_event_at_a_time",
                fields=["organisation", "happened_at"],
                condition=Q(voided_at__isnull=True),
            ),
            models.CheckConstraint(name="a_known_event", condition=Q(kind__in=["start", "stop", "derate", "restore"])),
            models.CheckConstraint(
                name="a_stop_or_derating_has_a_cause", condition=~Q(kind__in=["stop", "derate"]) | ~Q(cause="")
            ),
            models.CheckConstraint(
                name="a_derating_says_what_is_left",
                condition=Q(kind="derate", available_mw__isnull=False, available_mw__gte=0)
                | (~Q(kind="derate") & Q(available_mw__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_voided_event_says_why",
                condition=Q(voided_at__isnull=True, void_reason="") | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.organisation_id} {self.happened_at:%Y-%m-%d %H:%M}"

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def cause_name(self) -> str:
        """The cause in the active language; one that is no longer in the dictionary by its code."""
        known = causes().get(str(self.cause))
        return str(known.name) if known else str(self.cause)
