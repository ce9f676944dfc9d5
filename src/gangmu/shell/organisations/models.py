"""Changes that are being prepared: what was asked for, before anybody has made it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation, Verb
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class Draft(models.Model):
    """A change as it was asked for, with its reason, so that it can be looked at, also by others, before it is made.

    `asked` holds codes and texts as in `changing.asking`. Nothing depends on a draft; making the change removes it.
    """

    row_security = ByOrganisation(room="parties", own="made_by_id", own_writes=True)
    keeps_history = False

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(_("change"), max_length=12, choices=Verb.choices)
    asked: Any = models.JSONField()
    reason = models.TextField(_("reason"))
    made_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("prepared by"))
    made_by_name = models.CharField(max_length=80)  # for those who may not see the account
    made_at = models.DateTimeField(_("prepared at"))

    class Meta:
        verbose_name = _("prepared change")
        verbose_name_plural = _("prepared changes")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(name="a_prepared_change_is_of_a_known_sort", condition=Q(verb__in=Verb.values))
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.organisation_id}"
