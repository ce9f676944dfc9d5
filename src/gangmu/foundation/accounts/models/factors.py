"""What proves besides a password that it is they: authenticators, keys, certificates, codes and their sending."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models.people import User
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByUser, SystemOnly


class Totp(models.Model):
    """An authenticator's secret, encrypted with a key that the database does not hold. Unconfirmed: being enrolled.

    `last_step` is the time step of the code used last: a code counts once, and none before it counts any more.
    """

    row_security = ByUser()
    keeps_history = True
    history_excludes = ("secret",)
    history_ignores = ("last_step",)

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    secret = models.TextField()
    begun_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")


class RecoveryCode(models.Model):
    """One code for the day on which the other factors are lost; the row goes when it is used."""

    row_security = ByUser()
    keeps_history = False

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")


class Passkey(models.Model):
    """A key on somebody's device or security stick (WebAuthn). `uses` is the authenticator's own counter."""

    row_security = ByUser()
    keeps_history = True
    history_ignores = ("uses", "used_at")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    credential = models.BinaryField(unique=True, max_length=1024)
    public_key = models.BinaryField()
    uses = models.BigIntegerField(default=0)
    name = models.CharField(_("name"), max_length=60)
    created_at = models.DateTimeField(_("created at"))
    used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def __str__(self) -> str:
        return self.name


class Challenge(models.Model):
    """A code that was sent by mail or message, hashed. The row goes when it is used or a new one is sent."""

    row_security = ByUser()
    keeps_history = False

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("code sent")
        verbose_name_plural = _("codes sent")


class Outgoing(models.Model):
    """A mail or message that a worker is to send, encrypted; the row goes when it is sent, or of no use any more.

    Where it goes is read from the account at that moment, and not kept here.
    """

    row_security = SystemOnly()
    keeps_history = False

    class Way(models.TextChoices):
        MAIL = "mail", _("e-mail")
        MESSAGE = "message", _("text message")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    way = models.CharField(max_length=8, choices=Way.choices)
    content = models.TextField()
    queued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mail or message to send")
        verbose_name_plural = _("mails and messages to send")


class Certificate(models.Model):
    """A client certificate that stands for an account, bound by issuer and serial number and by its fingerprint."""

    row_security = ByUser()
    keeps_history = True

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(_("SHA-256 fingerprint"), max_length=64, unique=True)
    issuer = models.CharField(_("issuer"), max_length=500)
    serial = models.CharField(_("serial number"), max_length=64)
    subject = models.CharField(_("subject"), max_length=500)
    valid_to = models.DateTimeField(_("valid until"))
    bound_at = models.DateTimeField(_("bound at"))

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [models.UniqueConstraint(name="a_serial_is_bound_once", fields=["issuer", "serial"])]

    def __str__(self) -> str:
        return self.subject
