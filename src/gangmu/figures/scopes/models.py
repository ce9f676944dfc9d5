"""Statistical scopes as they are kept."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings.rowsecurity import Everyone, RowSecurity

CODE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_.-]*$"


class StatisticalScope(models.Model):
    """A statistical scope 统计口径. `versions` is a list as `definitions.Version.as_json` writes it.

    `revision` counts the changes; what stood before is in the history.
    """

    row_security: ClassVar[RowSecurity] = Everyone(write=True)
    keeps_history = True

    class Source(models.TextChoices):
        SHIPPED = "shipped", _("shipped")
        LOCAL = "local", _("local")

    class NewPlants(models.TextChoices):
        IN = "in", _("new plants count")
        PERIOD = "period", _("without those commissioned in the period")
        YEAR = "year", _("without those commissioned in its year")
        LAST_YEAR = "last-year", _("without those commissioned since the year before")

    class Structure(models.TextChoices):
        ASKED = "", _("as asked")
        THEN = "then", _("as it was each day")
        NOW = "now", _("as it is today")

    code = models.CharField(_("code"), max_length=64, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    versions = models.JSONField(_("versions"))
    new_plants = models.CharField(_("new plants"), max_length=9, choices=NewPlants.choices, default=NewPlants.IN)
    structure = models.CharField(_("organisation tree"), max_length=4, choices=Structure.choices, blank=True)
    levels = models.JSONField(_("shown for"), default=list, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.LOCAL)
    revision = models.PositiveIntegerField(pgettext_lazy("count of changes", "version"), default=1)

    class Meta:
        verbose_name = _("statistical scope")
        verbose_name_plural = _("statistical scopes")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="a_scope_has_a_code", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(name="a_scope_has_names", condition=Q(~Q(name_zh=""), ~Q(name_en=""))),
            models.CheckConstraint(
                name="a_scope_has_known_settings",
                condition=Q(new_plants__in=["in", "period", "year", "last-year"], structure__in=["", "then", "now"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        return str(self.name_zh if (get_language() or "zh-hans").startswith("zh") else self.name_en)
