"""The rules of signing in, and the floors below which nobody sets them."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import Everyone


def _between(field: str, lowest: int, highest: int) -> models.CheckConstraint:
    condition = Q(**{f"{field}__gte": lowest, f"{field}__lte": highest})
    return models.CheckConstraint(name=f"accounts_policy_{field}", condition=condition)


FLOORS = {
    "min_length": (8, 64),
    "kinds": (3, 4),
    "history": (5, 24),
    "max_age_days": (1, 90),
    "min_age_days": (0, 30),
    "max_failures": (1, 5),
    "address_failures": (5, 100),
    "lock_minutes": (10, 1440),
    "idle_minutes": (1, 30),
    "absolute_hours": (1, 24),
    "code_minutes": (1, 10),
    "dormant_days": (1, 180),
    "captcha_after": (1, 3),
}
LONGEST_WORD, MOST_WORDS = 40, 2000


class Policy(models.Model):
    """The rules of signing in from a day on 登录策略. The newest row that has begun holds.

    What the third level of classified protection 等保三级 asks for cannot be undercut: the database refuses it.
    """

    row_security = Everyone(anonymous=True)
    keeps_history = True

    class SecondFactor(models.TextChoices):
        ADMINISTRATORS = "administrators", _("administrators and the roles named")
        EVERYONE = "everyone", _("everybody")

    valid_from = models.DateField(_("from"), unique=True)
    min_length = models.PositiveSmallIntegerField(_("characters of a password"), default=10)
    kinds = models.PositiveSmallIntegerField(_("kinds of characters"), default=3)
    history = models.PositiveSmallIntegerField(_("former passwords refused"), default=5)
    max_age_days = models.PositiveSmallIntegerField(_("days after which a password expires"), default=90)
    min_age_days = models.PositiveSmallIntegerField(_("days before it may be changed again"), default=1)
    max_failures = models.PositiveSmallIntegerField(_("failures before an account is locked"), default=5)
    address_failures = models.PositiveSmallIntegerField(_("failures before an address must wait"), default=30)
    lock_minutes = models.PositiveSmallIntegerField(_("minutes that an account stays locked"), default=30)
    idle_minutes = models.PositiveSmallIntegerField(_("minutes without a click"), default=30)
    absolute_hours = models.PositiveSmallIntegerField(_("hours that a session lasts"), default=12)
    code_minutes = models.PositiveSmallIntegerField(_("minutes that a code sent is good for"), default=5)
    dormant_days = models.PositiveSmallIntegerField(_("days unused before an account is disabled"), default=90)
    captcha_after = models.PositiveSmallIntegerField(_("failures before a picture must be read"), default=2)
    second_factor = models.CharField(
        _("second factor"), max_length=16, choices=SecondFactor.choices, default=SecondFactor.ADMINISTRATORS
    )
    second_factor_roles = ArrayField(models.CharField(max_length=64), verbose_name=_("roles"), default=list, blank=True)
    weak_words = ArrayField(
        models.CharField(max_length=LONGEST_WORD),
        verbose_name=_("words refused in passwords"),
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = _("sign-in policy")
        verbose_name_plural = _("sign-in policies")
        constraints = [_between(field, lowest, highest) for field, (lowest, highest) in FLOORS.items()]

    def __str__(self) -> str:
        return str(self.valid_from)

    @classmethod
    def of(cls, day: date | None = None) -> "Policy":
        """The rules that hold on a business day; the shipped ones before any."""
        found = cls.objects.filter(valid_from__lte=day or clock.today()).order_by("-valid_from").first()
        return found or cls(valid_from=date(2020, 1, 1))
