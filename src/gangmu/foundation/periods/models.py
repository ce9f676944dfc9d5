"""Calendars as versioned data: which source says what about which year. Editions are only ever added."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.periods.errors import in_chinese
from gangmu.foundation.settings.rowsecurity import Everyone


class Calendar(models.Model):
    """A calendar of working days (`CN`) or of a market's trading sessions (`XSHG`).

    A market that shares another's days names it in `days_of`; an edition of its own comes before those.
    """

    row_security = Everyone()
    keeps_history = True

    class Kind(models.TextChoices):
        WORK = "work", _("working days")
        SESSIONS = "sessions", _("trading sessions")

    code = models.CharField(_("code"), max_length=16, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    days_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shares the days of")
    )

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ["kind", "code"]
        constraints = [
            models.CheckConstraint(name="a_calendar_code_is_upper_case", condition=Q(code__regex=r"^[A-Z0-9]+$")),
            models.CheckConstraint(
                name="only_a_market_shares_days",
                condition=Q(days_of__isnull=True) | (Q(kind="sessions") & ~Q(days_of=models.F("id"))),
            ),
        ]

    def __str__(self) -> str:
        return str(self.name_zh if in_chinese() else self.name_en)


class CalendarEdition(models.Model):
    """What one source said at one time about one or more whole years of a calendar.

    For a year, the newest notice counts; without a notice, the newest shipped edition.
    """

    row_security = Everyone()
    keeps_history = True

    class Origin(models.TextChoices):
        SHIPPED = "shipped", _("shipped with the product")
        NOTICE = "notice", _("loaded from a notice")

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField(_("number"))
    origin = models.CharField(_("origin"), max_length=8, choices=Origin.choices)
    source = models.TextField(_("source"))
    published_on = models.DateField(_("published on"), null=True, blank=True)
    digest = models.CharField(max_length=64)  # SHA-256 of the years and days, so that the same content enters once
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("edition of a calendar")
        verbose_name_plural = _("editions of calendars")
        ordering = ["calendar", "number"]
        constraints = [
            models.UniqueConstraint(name="editions_are_numbered", fields=["calendar", "number"]),
            models.CheckConstraint(name="an_edition_names_its_source", condition=~Q(source__regex=r"^\s*$")),
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id}/{self.number}: {self.source}"


class CalendarYear(models.Model):
    """One year that an edition covers. `provisional` when its source is itself not final."""

    row_security = Everyone()
    keeps_history = True

    edition = models.ForeignKey(CalendarEdition, on_delete=models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    provisional = models.BooleanField(_("provisional"), default=False)

    class Meta:
        verbose_name = _("year of a calendar")
        verbose_name_plural = _("years of calendars")
        ordering = ["edition", "year"]
        constraints = [
            models.UniqueConstraint(name="an_edition_covers_a_year_once", fields=["edition", "year"]),
            models.CheckConstraint(name="calendar_years_are_known", condition=Q(year__gte=1900, year__lte=2200)),
        ]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that is not what its weekday says. `name` is the festival, in Chinese."""

    row_security = Everyone()
    keeps_history = True

    class Kind(models.TextChoices):
        OFF = "off", _("day off, or market closed")
        WORK = "work", _("make-up working day")
        NO_NIGHT = "no_night", _("no night session before this trading day")

    year = models.ForeignKey(CalendarYear, on_delete=models.PROTECT, related_name="days")
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("festival"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("special day of a calendar")
        verbose_name_plural = _("special days of calendars")
        ordering = ["year", "day"]
        constraints = [models.UniqueConstraint(name="a_day_is_special_once", fields=["year", "day"])]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
