"""What is published, and to whom."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.models import State
from gangmu.foundation.access.models import Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, ByParent, RowSecurity


class Publication(models.Model):
    """A ranking of all plants of an organisation, for people who may not see these plants.

    It is the organisation's: whoever makes it must be allowed to issue its figures, and it goes on when they leave. It
    shows the columns named here and nothing else: no cell, no explanation, no total. `indicators`: the first one ranks.
    `fuels`: plants with one of these alone; all when empty. No period that begins before `figures_from` is told.
    """

    row_security: ClassVar[RowSecurity] = ByOrganisation(room="figures")
    keeps_history = True

    class Column(models.TextChoices):
        COMPANY = "company", _("company")
        FUEL = "fuel", _("fuel")
        CHANGE = "change", _("change on the year")

    class Grain(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month")
        YEAR = "year", _("year")

    class Order(models.TextChoices):
        MOST = "most", _("the most first")
        LEAST = "least", _("the least first")

    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("plants of")
    )
    indicators = ArrayField(models.CharField(max_length=64), verbose_name=_("indicators"))
    columns = ArrayField(
        models.CharField(max_length=12, choices=Column.choices), verbose_name=_("further columns"), default=list
    )
    grains = ArrayField(models.CharField(max_length=8, choices=Grain.choices), verbose_name=_("periods"))
    fuels = ArrayField(models.CharField(max_length=40), verbose_name=_("fuels"), default=list)
    order = models.CharField(_("order"), max_length=8, choices=Order.choices, default=Order.MOST)
    at_least = models.SmallIntegerField(_("state at least"), choices=State.choices, default=State.FILED)
    figures_from = models.DateField(_("figures from"))
    valid = DateRangeField(_("published"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(_("made by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.CheckConstraint(name="a_publication_has_days", condition=Q(valid__isempty=False)),
            models.CheckConstraint(name="a_publication_ranks_something", condition=Q(indicators__len__gte=1)),
            models.CheckConstraint(name="a_publication_has_periods", condition=Q(grains__len__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the active language."""
        return self.name_zh if (get_language() or "zh-hans").startswith("zh") else self.name_en


class Grant(models.Model):
    """To whom: people with a role at an organisation or below it. Without a role: with any that shows figures."""

    row_security: ClassVar[RowSecurity] = ByParent(field="publication_id", parent="publications.Publication")
    keeps_history = True

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("people of")
    )
    role = models.ForeignKey(Role, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("grant of a publication")
        verbose_name_plural = _("grants of publications")
        constraints = [
            models.UniqueConstraint(
                name="a_publication_is_granted_once",
                fields=["publication", "organisation", "role"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.organisation_id}"
