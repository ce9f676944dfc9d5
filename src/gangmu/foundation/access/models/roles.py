"""Roles bundle permissions; an assignment gives a role to a user at an organisation, with a reach and dates."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access.permissions import is_well_formed, powers
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone
from gangmu.foundation.settings.sites import Where


class Power(models.TextChoices):
    """One of the three powers 三员, which nobody holds two of; `none` for every other role."""

    NONE = "", _("none of the three")
    SYSTEM = "system", _("system administrator")
    SECURITY = "security", _("security administrator")
    AUDIT = "audit", _("audit administrator")


class Role(models.Model):
    """A named bundle of permissions, of use at one of the two sites or at both.

    `hides`: elements that the role does not open although its permissions would: `page:documents:add`,
    `button:filing.submit`, `menu:publications`. `menu`: other names, another order and links of its own, see
    `foundation/ui/menu.py`. `power` is set by the database from the permissions. The web role writes none of it but
    through functions (`delegation.sql`).
    """

    row_security = Everyone()
    keeps_history = True

    code = models.SlugField(_("code"), max_length=64, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    site = models.CharField(_("site"), max_length=8, choices=Where.choices, default=Where.BUSINESS)
    permissions = ArrayField(models.CharField(max_length=120), verbose_name=_("permissions"), default=list)
    hides = ArrayField(
        models.CharField(max_length=160), verbose_name=_("does not open"), default=list, blank=True, db_default=[]
    )
    menu: Any = models.JSONField(_("menu"), default=dict, blank=True, db_default={})
    power = models.CharField(
        _("power"), max_length=8, choices=Power.choices, default="", blank=True, editable=False, db_default=""
    )
    version = models.IntegerField(_("version"), default=1, editable=False, db_default=1)

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
        if len(held := powers(self.permissions)) > 1:
            names = ", ".join(str(Power(one).label) for one in held)
            raise ValidationError(
                {"permissions": _("One role cannot hold parts of several powers: %(powers)s.") % {"powers": names}}
            )


class Assignment(models.Model):
    """A role held by a user at an organisation, from a day (inclusive) to a day (exclusive).

    `given_by` is empty for what the command line gave; `given_as` tells by which right it was given: of the security
    administrator, or within what the giver held. The web role reads; it writes through functions alone.
    """

    row_security = ByOrganisation(room="access", own="user_id")
    keeps_history = True
    web_writes = False

    class Reach(models.TextChoices):
        BRANCH = "branch", _("the organisation and everything below it")
        OWN_ORGANISATION = "own", _("the organisation alone")
        OWN_RECORDS = "self", _("own records alone")

    class GivenAs(models.TextChoices):
        SYSTEM = "", _("by the command line")
        SECURITY = "security", _("by the security administrator")
        DELEGATED = "delegated", _("within the giver's own rights")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("user"))
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("role"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    reach = models.CharField(_("reach"), max_length=8, choices=Reach.choices, default=Reach.BRANCH)
    valid_from = models.DateField(_("from"), default=clock.today)
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)
    given_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("given by")
    )
    given_as = models.CharField(
        _("given"), max_length=10, choices=GivenAs.choices, default="", blank=True, db_default=""
    )
    given_at = models.DateTimeField(_("given at"), null=True, blank=True)
    because = models.CharField(_("reason"), max_length=400, blank=True, default="", db_default="")

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
