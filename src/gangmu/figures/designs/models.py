"""Designs 报表设计: which reports are made of which workbooks, for whom, and when their editions are issued.

Editions, files, subscriptions and receipts are those of the reports' room.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.models import State
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import Everyone, RowSecurity

CODE_PATTERN = r"^[a-z][a-z0-9_]{1,47}$"


class Language(models.TextChoices):
    ZH = "zh-hans", _("Chinese")
    EN = "en", _("English")


class Design(models.Model):
    """One report designed in Excel. Layouts are read by everybody, as forms are; figures by scope.

    `organisation`: whose design it is, and for whom below it is issued; none for those shipped with the product.
    `standing`: the indicators by which an organisation counts as having filed. An edition is held back until
    `complete_percent` of those expected have filed and all that have stand at `at_least`; after `patience` days it is
    issued all the same, with what is missing said in it; without, never.
    """

    row_security: ClassVar[RowSecurity] = Everyone(write=True)
    keeps_history = True

    class Grain(models.TextChoices):
        DAY = "day", pgettext_lazy("kind of period", "Day")
        WEEK = "week", pgettext_lazy("kind of period", "Week")
        TEN_DAY = "ten_day", pgettext_lazy("kind of period", "Ten-day")
        MONTH = "month", pgettext_lazy("kind of period", "Month")
        QUARTER = "quarter", pgettext_lazy("kind of period", "Quarter")
        YEAR = "year", pgettext_lazy("kind of period", "Year")

    class Source(models.TextChoices):
        SHIPPED = "shipped", _("shipped")
        LOCAL = "local", _("local")

    code = models.CharField(_("code"), max_length=48, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    grain = models.CharField(_("period"), max_length=8, choices=Grain.choices)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("belongs to")
    )
    kinds = ArrayField(models.CharField(max_length=40), verbose_name=_("issued for"), default=list)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.LOCAL)
    is_retired = models.BooleanField(_("no longer used"), default=False)
    standing = ArrayField(models.CharField(max_length=64), verbose_name=_("filed are"), default=list, blank=True)
    issue_at = models.TimeField(_("issued at"), null=True, blank=True)
    issue_after = models.PositiveSmallIntegerField(_("days after the period"), default=1)  # pyright: ignore[reportArgumentType]
    complete_percent = models.PositiveSmallIntegerField(_("filed at least, %"), default=100)  # pyright: ignore[reportArgumentType]
    at_least = models.SmallIntegerField(_("state at least"), choices=State.choices, default=State.FILED)
    patience = models.PositiveSmallIntegerField(_("issued all the same after days"), null=True, blank=True)
    reader_roles = ArrayField(models.CharField(max_length=64), verbose_name=_("sent to"), default=list, blank=True)
    asks_confirmation = models.BooleanField(_("readers confirm"), default=False)

    class Meta:
        verbose_name = _("report designed in Excel")
        verbose_name_plural = _("reports designed in Excel")
        ordering = ["source", "code"]
        constraints = [
            models.CheckConstraint(name="a_design_has_a_code", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(name="a_percentage_of_filers", condition=Q(complete_percent__lte=100)),
            models.CheckConstraint(name="a_design_waits_at_most_a_year", condition=Q(issue_after__lte=366)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the active language."""
        return self.named(get_language() or "zh-hans")

    def named(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en


class Version(models.Model):
    """A workbook of a design in one language. Only that it applies, and from when, is said later; nothing else changes.

    `valid_from`: reports of periods that end on this day or later are made with it; none: it is being tried out.
    `names`: what its expressions mean, as {"indicators": [[code, zh, en], …], "organisations": …, "fuel": …}: things
    may be renamed and the workbook still means them.
    """

    row_security: ClassVar[RowSecurity] = Everyone(write=True)
    keeps_history = False

    design = models.ForeignKey(Design, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    language = models.CharField(_("language"), max_length=8, choices=Language.choices)
    valid_from = models.DateField(_("applies from"), null=True)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, editable=False)
    names = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(_("made by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("version of a design")
        verbose_name_plural = _("versions of designs")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="versions_of_a_design_are_numbered", fields=["design", "number"]),
            models.CheckConstraint(name="versions_are_counted_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.design_id} {self.number}"
