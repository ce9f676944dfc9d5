"""People who sign in. What they may do is the access room's business."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """One person's account. `organisation` is where the person works; it gives no right by itself.

    `contact` is the person, by which a post's holder is known, and that two accounts are one person's.
    """

    row_security = ByOrganisation(room="accounts", own="id", own_writes=True)
    keeps_history = True
    history_excludes = ("password",)
    history_ignores = ("last_login",)

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
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.username
