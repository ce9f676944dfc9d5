"""People who sign in, and what proves that it is they. What they may do is the access room's business."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.words import means
from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation, ByUser, Everyone, SystemOnly


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """One person's account. `organisation` is where the person works; it gives no right by itself.

    `contact` is the person, by which a post's holder is known, and that two accounts are one person's. Accounts are
    never removed: what somebody did keeps their name. The password's hash is in `Credential`, which no page can read.
    """

    row_security = ByOrganisation(room="accounts", own="id", unowned=True)
    keeps_history = True
    history_ignores = ("last_login",)
    updatable = ("name", "organisation_id", "contact_id", "email", "phone", "is_active", "valid_to", "last_login")

    password = None  # type: ignore[assignment]
    username = models.CharField(
        _("user name"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z][A-Za-z0-9_.@-]*$", _("Latin letters, digits and . _ @ - only."))],
    )
    name = models.CharField(_("person's name"), max_length=80)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.username

    def may_sign_in(self) -> bool:
        """Whether the account is switched on and has not ended."""
        return self.is_active and (self.valid_to is None or self.valid_to > clock.today())

    def set_password(self, raw_password: str | None) -> None:
        """Give the account a password when it is saved, by whoever may write `Credential`. No rule is asked here."""
        self._password = raw_password

    def check_password(self, raw_password: str) -> bool:
        """Whether this is the account's password. Needs the right to read `Credential`, which no page has."""
        held = Credential.objects.filter(user_id=self.pk).first()
        return held is not None and check_password(raw_password, held.password)

    def save(self, *args: Any, **kwargs: Any) -> None:
        raw, self._password = self._password, None
        super().save(*args, **kwargs)
        if raw is not None:
            values = {"password": make_password(raw), "changed_at": clock.now(), "must_change": False}
            Credential.objects.update_or_create(user=self, defaults=values)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session ends in the database, not by a hash that no longer fits."""
        return salted_hmac("gangmu.accounts.session", f"{self.pk}:{self.username}", secret=secret).hexdigest()


class Credential(models.Model):
    """An account's password, hashed. `must_change`: somebody else chose it, and it opens nothing but its own change."""

    row_security = SystemOnly()
    keeps_history = True
    history_excludes = ("password",)

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="credential")
    password = models.CharField(_("password"), max_length=256)
    changed_at = models.DateTimeField(_("changed at"))
    must_change = models.BooleanField(_("must be changed"), default=False)

    class Meta:
        verbose_name = _("password")
        verbose_name_plural = _("passwords")


class FormerPassword(models.Model):
    """A password that the account had, so that it does not come back too soon."""

    row_security = SystemOnly()
    keeps_history = False

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    password = models.CharField(max_length=256)
    replaced_at = models.DateTimeField()

    class Meta:
        verbose_name = _("former password")
        verbose_name_plural = _("former passwords")


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


from gangmu.foundation.accounts.directories.models import Directory, Identity, Spent  # noqa: E402

__all__ = [
    "FLOORS",
    "Certificate",
    "Challenge",
    "Credential",
    "Directory",
    "FormerPassword",
    "Identity",
    "Passkey",
    "Policy",
    "RecoveryCode",
    "SignIn",
    "Spent",
    "Throttle",
    "Totp",
    "User",
]
