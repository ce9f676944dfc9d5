"""Indicators 指标: what is counted, in which unit, and how it adds up over time and over organisations."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.figures.indicators.categories.models import Category, CategoryDictionary
from gangmu.figures.indicators.decimals import EarlierPrecision, decimals_on, greatest, read_precisions
from gangmu.figures.indicators.taxes.models import Tax, TaxRate
from gangmu.foundation.settings.rowsecurity import Everyone

__all__ = ["Category", "CategoryDictionary", "Indicator", "Tax", "TaxRate"]

CODE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_.]*$"


class Indicator(models.Model):
    """A stored indicator is filed as facts; one with a formula is computed.

    A formula without `over_time` and `over_organisations` is evaluated after its inputs are added up (ratios); one
    with them is evaluated for each reported cell and the results are added up (products).
    """

    row_security = Everyone()
    keeps_history = True

    class Grain(models.TextChoices):
        DAY = "day", _("daily")
        MONTH = "month", _("monthly")

    class Source(models.TextChoices):
        SHIPPED = "shipped", _("shipped")
        LOCAL = "local", _("local")

    class OverTime(models.TextChoices):
        SUM = "sum", _("sum")
        MEAN = "mean", _("mean")
        FIRST = "first", _("first value")
        LAST = "last", _("last value")
        MIN = "min", _("least")
        MAX = "max", _("greatest")

    class OverOrganisations(models.TextChoices):
        SUM = "sum", _("sum")
        MEAN = "mean", _("mean")
        MIN = "min", _("least")
        MAX = "max", _("greatest")
        WEIGHTED = "weighted", _("weighted mean")
        NONE = "none", _("not at all")

    code = models.CharField(_("code"), max_length=64, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    unit = models.CharField(_("unit of measure"), max_length=40, blank=True)
    precision = models.PositiveSmallIntegerField(_("decimals"), default=0)  # pyright: ignore[reportArgumentType]
    grain = models.CharField(_("grain"), max_length=8, choices=Grain.choices, default=Grain.DAY)
    level = models.CharField(_("filed by"), max_length=40, default="unit")
    over_time = models.CharField(_("over time"), max_length=8, choices=OverTime.choices, blank=True)
    over_organisations = models.CharField(
        _("over organisations"), max_length=10, choices=OverOrganisations.choices, blank=True
    )
    weight = models.CharField(_("weight"), max_length=64, blank=True)
    formula = models.TextField(_("formula"), blank=True)
    # Formulas that were valid before, with their last days, as `queries.written` puts them; text, so that the cube
    # reads all indicators in one query of plain columns.
    earlier = models.TextField(_("earlier formulas"), blank=True, default="", db_default="")
    # As `earlier`: the decimals before, see `decimals.written_precisions`; and the most of all, with which figures are
    # stored. Figures are multiplied when it grows (filing's functions.sql); with figures it never falls.
    precisions = models.TextField(_("earlier decimals"), blank=True, default="", db_default="")
    scale = models.PositiveSmallIntegerField(_("decimals stored"), default=0, editable=False)  # pyright: ignore[reportArgumentType]
    settles = models.CharField(_("settles"), max_length=64, blank=True, db_default="")  # a daily indicator's months
    is_profit = models.BooleanField(
        _("can be a profit or a loss"), default=False, db_default=False
    )  # then a change is told in the words for these
    # Split by a dictionary of categories; each category makes an indicator of its own, which says whose it is.
    split_by = models.CharField(_("split by"), max_length=32, blank=True, db_default="")
    split_total = models.CharField(_("total"), max_length=8, blank=True, db_default="")
    member_of = models.CharField(_("part of"), max_length=64, blank=True, db_default="")
    category = models.CharField(_("category"), max_length=32, blank=True, db_default="")
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    # Whether a tax is in it; a companion, which tells the same on the other basis, says whose it is.
    tax_basis = models.CharField(_("tax"), max_length=8, blank=True, db_default="")
    tax = models.CharField(_("tax"), max_length=32, blank=True, db_default="")
    tax_of = models.CharField(_("companion of"), max_length=64, blank=True, db_default="")
    source = models.CharField(
        _("source"), max_length=8, choices=Source.choices, default=Source.LOCAL, db_default=Source.LOCAL
    )

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="indicator_code_is_well_formed", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(name="indicator_has_at_most_nine_decimals", condition=Q(precision__lte=9)),
            models.CheckConstraint(
                name="figures_are_stored_with_all_decimals", condition=Q(scale__gte=F("precision"), scale__lte=9)
            ),
            models.CheckConstraint(
                name="indicator_adds_up_both_ways_or_neither",
                condition=Q(over_time="", over_organisations="") | Q(~Q(over_time=""), ~Q(over_organisations="")),
            ),
            models.CheckConstraint(name="a_filed_indicator_adds_up", condition=Q(~Q(formula="")) | Q(~Q(over_time=""))),
            models.CheckConstraint(
                name="a_weighted_mean_has_a_weight",
                condition=(Q(over_organisations="weighted") & ~Q(weight=""))  # pyright: ignore[reportOperatorIssue]
                | (~Q(over_organisations="weighted") & Q(weight="")),  # pyright: ignore[reportOperatorIssue]
            ),
            models.CheckConstraint(name="only_a_formula_had_earlier_ones", condition=Q(earlier="") | ~Q(formula="")),
            models.CheckConstraint(
                name="a_filed_monthly_value_settles",
                condition=Q(settles="") | Q(grain="month", formula="", weight=""),
            ),
            models.CheckConstraint(
                name="an_indicator_is_split_or_a_part_or_neither",
                condition=Q(split_by="", split_total="", member_of="", category="", valid_from=None, valid_to=None)
                | Q(~Q(split_by=""), Q(split_total__in=["filed", "parts"], member_of="", category=""))
                | Q(Q(split_by="", split_total="", formula=""), ~Q(member_of=""), ~Q(category="")),
            ),
            models.CheckConstraint(
                name="a_companion_is_a_formula_on_the_other_basis",
                condition=Q(tax_basis="", tax="", tax_of="")
                | Q(Q(tax_basis__in=["included", "excluded"]), Q(tax_of="") | ~Q(formula="")),
            ),
            models.UniqueConstraint(name="one_indicator_settles_another", fields=["settles"], condition=~Q(settles="")),
            models.CheckConstraint(name="indicator_has_a_known_grain", condition=Q(grain__in=["day", "month"])),
            models.CheckConstraint(
                name="indicator_has_known_rules",
                condition=Q(
                    over_time__in=["", "sum", "mean", "first", "last", "min", "max"],
                    over_organisations__in=["", "sum", "mean", "min", "max", "weighted", "none"],
                ),
            ),
            models.CheckConstraint(
                name="indicator_has_names_and_level", condition=Q(~Q(name_zh=""), ~Q(name_en=""), ~Q(level=""))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **given: Any) -> None:
        self.scale = greatest(self.precision, self.decimals_before)  # as a trigger does
        super().save(*args, **given)

    @property
    def decimals_before(self) -> tuple[EarlierPrecision, ...]:
        """The decimals before the newest, with their last days."""
        return read_precisions(str(self.precisions))

    def decimals(self, day: date) -> int:
        """The decimals that hold on a day: of a figure, on the last day of its period."""
        return decimals_on(day, int(self.precision), self.decimals_before) if self.precisions else int(self.precision)

    @property
    def name(self) -> str:
        """The name in the active language."""
        return str(self.name_zh if (get_language() or "zh-hans").startswith("zh") else self.name_en)

    @property
    def is_formula(self) -> bool:
        return bool(self.formula)
