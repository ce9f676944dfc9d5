"""People who sign in, and their passwords. What they may do is the access room's business."""

from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation, SystemOnly


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
