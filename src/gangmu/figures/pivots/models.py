"""Pivots that somebody keeps, and what each reader does with them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation, ByUser, RowSecurity


class Pivot(models.Model):
    """A pivot under a name. It holds no figures: whoever opens it sees those of their own scope.

    With an `organisation` it is shared with everybody who may see figures there; its owner alone changes it.
    """

    row_security: ClassVar[RowSecurity] = ByOrganisation(room="figures", own="user_id", own_writes=True)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shared with")
    )
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(_("what it asks for"))
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("pivot")
        verbose_name_plural = _("pivots")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_pivot_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Use(models.Model):
    """What one user does with a pivot: it stands on their home pages, and is filed for them at set times."""

    row_security: ClassVar[RowSecurity] = ByUser()

    class Every(models.TextChoices):
        NEVER = "", _("never")
        DAY = "day", _("every day")
        WEEK = "week", _("every Monday")
        MONTH = "month", _("every first of the month")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    pivot = models.ForeignKey(Pivot, on_delete=models.CASCADE, related_name="uses")
    on_home = models.BooleanField(_("on home pages"), default=False)
    every = models.CharField(_("filed"), max_length=8, choices=Every.choices, blank=True, default="")
    at = models.TimeField(_("at"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=8, default="zh-hans")
    next_at = models.DateTimeField(_("next time"), null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("use of a pivot")
        verbose_name_plural = _("uses of pivots")
        constraints = [
            models.UniqueConstraint(fields=["user", "pivot"], name="one_use_of_a_pivot"),
            models.CheckConstraint(
                name="a_filed_pivot_has_a_time", condition=Q(every="") | Q(at__isnull=False, next_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.pivot_id}"
