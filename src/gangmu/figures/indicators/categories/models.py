"""Dictionaries of categories as they are kept."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings.rowsecurity import Everyone, RowSecurity

CODE_PATTERN = r"^[A-Za-z][A-Za-z0-9_]*$"


class _Named(models.Model):
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        return str(self.name_zh if (get_language() or "zh-hans").startswith("zh") else self.name_en)


class CategoryDictionary(_Named):
    """A dictionary of categories, by which indicators can be split."""

    row_security: ClassVar[RowSecurity] = Everyone()
    keeps_history = True

    class Source(models.TextChoices):
        SHIPPED = "shipped", _("shipped")
        LOCAL = "local", _("local")

    code = models.CharField(_("code"), max_length=32, unique=True)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.LOCAL)

    class Meta:
        verbose_name = _("dictionary of categories")
        verbose_name_plural = _("dictionaries of categories")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="a_dictionary_has_a_code_and_names",
                condition=Q(Q(code__regex=CODE_PATTERN), ~Q(name_zh=""), ~Q(name_en="")),
            )
        ]


class Category(_Named):
    """One value of a dictionary; `valid_from` and `valid_to` are the first and the last day on which it is used."""

    row_security: ClassVar[RowSecurity] = Everyone()
    keeps_history = True

    dictionary = models.ForeignKey(
        CategoryDictionary, verbose_name=_("dictionary"), on_delete=models.CASCADE, related_name="categories"
    )
    code = models.CharField(_("code"), max_length=32)
    position = models.PositiveSmallIntegerField(_("position"))
    valid_from = models.DateField(_("valid from"), null=True)
    valid_to = models.DateField(_("valid to"), null=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["dictionary", "position"]
        constraints = [
            models.UniqueConstraint(name="a_category_stands_once_in_its_dictionary", fields=["dictionary", "code"]),
            models.CheckConstraint(
                name="a_category_has_a_code_and_names",
                condition=Q(Q(code__regex=CODE_PATTERN), ~Q(name_zh=""), ~Q(name_en="")),
            ),
            models.CheckConstraint(
                name="a_category_ends_after_it_begins",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
        ]
