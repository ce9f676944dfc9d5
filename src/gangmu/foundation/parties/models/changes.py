"""What was done to organisations, or is planned to be: who, when, why, and what it made of what.

Rows are written by the database's function `parties_apply` alone, together with the placements and values themselves.
"""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gangmu.foundation.parties.models.organisations import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class Verb(models.TextChoices):
    """What was done."""

    CREATE = "create", _("opened")
    RENAME = "rename", _("renamed")
    MOVE = "move", _("moved")
    MERGE = "merge", _("merged")
    SPLIT = "split", _("split")
    CLOSE = "close", pgettext_lazy("organisation", "closed")
    REOPEN = "reopen", _("reopened")
    PARAMETERS = "parameters", _("parameters set")


class Change(models.Model):
    """One change of organisations 组织变更, in force from `from_date` (none: at once and for all days: a name).

    `organisation` is the nearest one above everything that was touched: its branch sees the change. `before` and
    `after` hold the lines of placements and values as they were and as they became. A change whose day has not come is
    planned, and can be withdrawn.
    """

    row_security = ByOrganisation(room="parties")
    keeps_history = True
    web_writes = False

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(_("change"), max_length=12, choices=Verb.choices)
    from_date = models.DateField(_("from"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    subjects = ArrayField(models.BigIntegerField(), verbose_name=_("organisations"))
    opened = ArrayField(models.BigIntegerField(), default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    details = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("made at"))
    made_by_id = models.BigIntegerField(null=True)  # who has an account stands in a room above this one
    made_by_name = models.CharField(_("made by"), max_length=80, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by_id = models.BigIntegerField(null=True)
    withdrawn_by_name = models.CharField(_("withdrawn by"), max_length=80, blank=True)
    withdrawn_because = models.TextField(_("reason for withdrawing"), blank=True)

    class Meta:
        verbose_name = _("change of organisations")
        verbose_name_plural = _("changes of organisations")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(name="a_change_is_of_a_known_sort", condition=Q(verb__in=Verb.values)),
            models.CheckConstraint(name="a_change_is_about_somebody", condition=Q(subjects__len__gte=1)),
        ]
        indexes = [models.Index(name="changes_by_day", fields=["from_date"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.subjects} {self.from_date}"

    def state_on(self, today: date) -> str:
        """`planned`, `in force` or `withdrawn`."""
        if self.withdrawn_at:
            return "withdrawn"
        return "planned" if self.from_date and self.from_date > today else "in force"


class Succession(models.Model):
    """`successor` goes on in the place of `organisation` from a day on 承继. Facts stay where they were filed."""

    row_security = ByOrganisation(room="parties")
    keeps_history = True
    web_writes = False

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="predecessions")
    from_date = models.DateField(_("from"))
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="successions")

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        constraints = [
            models.UniqueConstraint(name="one_succession_a_day", fields=["organisation", "successor", "from_date"]),
            models.CheckConstraint(name="nobody_succeeds_itself", condition=~Q(successor=F("organisation"))),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} > {self.successor_id} {self.from_date}"
