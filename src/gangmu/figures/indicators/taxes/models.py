"""Taxes as they are kept."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings.rowsecurity import Everyone, RowSecurity

CODE_PATTERN = r"^[A-Za-z][A-Za-z0-9_]*$"


class Tax(models.Model):
    """A tax that is in money and prices, or is not."""

    row_security: ClassVar[RowSecurity] = Everyone()
    keeps_history = True

    class Source(models.TextChoices):
        SHIPPED = "shipped", _("shipped")
        LOCAL = "local", _("local")

    code = models.CharField(_("code"), max_length=32, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.LOCAL)

    class Meta:
        verbose_name = _("tax")
        verbose_name_plural = _("taxes")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="a_tax_has_a_code_and_names",
                condition=Q(Q(code__regex=CODE_PATTERN), ~Q(name_zh=""), ~Q(name_en="")),
            )
        ]

    def __str__(self) -> str:
        return str(self.name_zh if (get_language() or "zh-hans").startswith("zh") else self.name_en)


class TaxRate(models.Model):
    """A rate up to its last day `until`; the newest of a tax has none. It holds from the day after the one before."""

    row_security: ClassVar[RowSecurity] = Everyone()
    keeps_history = True

    tax = models.ForeignKey(Tax, verbose_name=_("tax"), on_delete=models.CASCADE, related_name="rates")
    until = models.DateField(_("valid until"), null=True)
    rate = models.DecimalField(_("tax rate"), max_digits=7, decimal_places=6)
    source_zh = models.CharField(_("Chinese source"), max_length=200)
    source_en = models.CharField(_("English source"), max_length=200)
    is_verified = models.BooleanField(_("rate is verified"), default=False)

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["tax", models.F("until").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                name="rates_of_a_tax_end_on_different_days", fields=["tax", "until"], nulls_distinct=False
            ),
            models.CheckConstraint(name="a_rate_is_between_0_and_1", condition=Q(rate__gte=0, rate__lte=1)),
            models.CheckConstraint(
                name="a_rate_says_where_it_comes_from", condition=Q(~Q(source_zh=""), ~Q(source_en=""))
            ),
        ]
