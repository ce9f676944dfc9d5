"""Which directories there are, from which day on, and which of their entries stand for which accounts."""

from datetime import date

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByUser, Everyone, SystemOnly
from gangmu.foundation.settings.sites import Where

CODE = RegexValidator(r"^[a-z][a-z0-9-]{0,29}$", _("Small Latin letters, digits and - only; a letter first."))


class Directory(models.Model):
    """How a directory is reached, from a day on 目录. The newest row of a code that has begun holds, until `valid_to`.

    `options` are those of its kind (`options.py`); `secret`, with which the product proves who it is, stands encrypted
    with a key that the database does not hold.
    """

    row_security = Everyone(anonymous=True)
    keeps_history = True
    history_excludes = ("secret",)

    class Kind(models.TextChoices):
        LDAP = "ldap", "LDAP"
        OIDC = "oidc", "OpenID Connect"

    class Arrivals(models.TextChoices):
        """What becomes of somebody whom the directory knows, and whose entry stands for no account."""

        REFUSE = "refuse", _("refused until an administrator binds the entry")
        BIND = "bind", _("bound to the account of the same user name")
        CREATE = "create", _("an account without roles is made")

    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60)
    site = models.CharField(_("site"), max_length=16, choices=Where.choices, default=Where.BOTH)
    arrivals = models.CharField(_("strangers"), max_length=8, choices=Arrivals.choices, default=Arrivals.REFUSE)
    options = models.JSONField(_("options"), default=dict)
    secret = models.TextField(blank=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)

    class Meta:
        verbose_name = _("directory")
        verbose_name_plural = _("directories")
        constraints = [
            models.UniqueConstraint(name="a_directory_begins_once_a_day", fields=["code", "valid_from"]),
            models.CheckConstraint(
                name="a_directory_does_not_end_before_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    @classmethod
    def on(cls, day: date | None = None) -> list["Directory"]:
        """What holds on a business day: of each code the newest row that has begun, unless it has ended."""
        day = day or clock.today()
        begun = cls.objects.filter(valid_from__lte=day).order_by("code", "-valid_from").distinct("code")
        return [one for one in begun if one.valid_to is None or one.valid_to > day]

    @classmethod
    def at(cls, site: str) -> list["Directory"]:
        """Those by which one comes in at a site today."""
        return [one for one in cls.on() if one.site in (site, Where.BOTH)]


class Identity(models.Model):
    """An entry of a directory that stands for an account. `subject` is the directory's own id, which outlives names."""

    row_security = ByUser()
    web_writes = False
    keeps_history = True
    history_ignores = ("seen_at",)

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", verbose_name=_("user"))
    directory = models.CharField(_("directory"), max_length=30)
    subject = models.CharField(_("id in the directory"), max_length=255)
    login = models.CharField(_("name in the directory"), max_length=255, blank=True)
    bound_at = models.DateTimeField(_("bound at"))
    seen_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("directory entry")
        verbose_name_plural = _("directory entries")
        constraints = [
            models.UniqueConstraint(name="an_entry_stands_for_one_account", fields=["directory", "subject"]),
            models.UniqueConstraint(name="an_account_has_one_entry_a_directory", fields=["user", "directory"]),
        ]

    def __str__(self) -> str:
        return f"{self.directory}: {self.login or self.subject}"


class Spent(models.Model):
    """Something that counts once and has been used, by its hash: kept until it would be too old anyway."""

    row_security = SystemOnly()
    keeps_history = False

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("used once")
        verbose_name_plural = _("used once")
