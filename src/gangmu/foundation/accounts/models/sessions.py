"""Signing in: attempts that failed, and sessions from their beginning to their end."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models.people import User
from gangmu.foundation.accounts.words import means
from gangmu.foundation.settings.rowsecurity import ByUser, SystemOnly


class Throttle(models.Model):
    """How often signing in failed lately, by account name (hashed, whether it exists or not) and by address.

    Written by functions of the database alone, on a connection of its own: a request that is rolled back was still an
    attempt, and so was one that another process answered.
    """

    row_security = SystemOnly()
    keeps_history = False

    key = models.CharField(max_length=80, primary_key=True)
    failures = models.IntegerField(default=0)
    locks = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sign-in attempts")
        verbose_name_plural = _("sign-in attempts")


class SignIn(models.Model):
    """One session of one person, from signing in to its end. `session_key` is a hash, which gives no cookie."""

    row_security = ByUser()
    web_writes = False
    keeps_history = False

    class End(models.TextChoices):
        SIGNED_OUT = "signed-out", _("signed out")
        ELSEWHERE = "elsewhere", _("signed in elsewhere")
        IDLE = "idle", _("unused for too long")
        ABSOLUTE = "absolute", _("its time was over")
        PASSWORD = "password", _("password changed")
        CLOSED = "closed", _("ended from another session or by an administrator")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("user"))
    session_key = models.CharField(max_length=40, unique=True)
    site = models.CharField(_("site"), max_length=16)
    method = models.CharField(_("by"), max_length=64)
    address = models.GenericIPAddressField(_("address"), null=True)
    agent = models.CharField(_("browser"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("signed in at"))
    seen_at = models.DateTimeField(_("last seen"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end_reason = models.CharField(_("ended because"), max_length=16, choices=End.choices, blank=True)
    ended_from = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        indexes = [models.Index(name="accounts_signin_of_user", fields=["user", "-opened_at"])]

    def __str__(self) -> str:
        return f"{self.user} {self.opened_at}"

    @property
    def means(self) -> str:
        """By what it was opened, in words."""
        return means(self.method)
