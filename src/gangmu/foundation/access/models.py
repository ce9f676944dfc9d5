"""Roles bundle permissions; an assignment gives a role to a user at an organisation, with a reach and dates."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access.permissions import is_well_formed
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone
from gangmu.foundation.settings.sites import Where


class Role(models.Model):
    """A named bundle of permissions, of use at one of the two sites or at both."""

    row_security = Everyone()
    keeps_history = True

    code = models.SlugField(_("code"), max_length=64, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    site = models.CharField(_("site"), max_length=8, choices=Where.choices, default=Where.BUSINESS)
    permissions = ArrayField(models.CharField(max_length=120), verbose_name=_("permissions"), default=list)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """Its name in the active language."""
        return self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en

    def clean(self) -> None:
        bad = [one for one in self.permissions if not is_well_formed(one)]
        if bad:
            raise ValidationError(
                {"permissions": _("Not of the form room:action[:object]: %(bad)s") % {"bad": ", ".join(bad)}}
            )


class Assignment(models.Model):
    """A role held by a user at an organisation, from a day (inclusive) to a day (exclusive)."""

    row_security = ByOrganisation(room="access", own="user_id")
    keeps_history = True

    class Reach(models.TextChoices):
        BRANCH = "branch", _("the organisation and everything below it")
        OWN_ORGANISATION = "own", _("the organisation alone")
        OWN_RECORDS = "self", _("own records alone")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("user"))
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("role"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    reach = models.CharField(_("reach"), max_length=8, choices=Reach.choices, default=Reach.BRANCH)
    valid_from = models.DateField(_("from"), default=clock.today)
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                name="a_role_is_given_once_from_a_day", fields=["user", "role", "organisation", "valid_from"]
            ),
            models.CheckConstraint(
                name="an_assignment_ends_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.organisation}"
