"""How long records are kept, what must stay whatever the class says, and what two people agreed to change or remove.

The web role writes none of it: functions of the database do (`retention.sql`), and its triggers refuse the rest.
"""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import Everyone, Whole

FLOOR_DAYS = 180  # no record leaves sooner, whatever anybody agrees to


class Table(models.TextChoices):
    """Which records a retention class or a hold speaks of; the values name the parts of a seal."""

    HISTORY = "history", _("history")
    EVENT = "event", _("events")


class RetentionRule(models.Model):
    """What a class says. `kinds` are model labels (history) or kinds of event."""

    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    table = models.CharField(_("records"), max_length=8, choices=Table.choices)
    kinds = models.JSONField(_("kinds"), default=list)
    keep_days = models.PositiveIntegerField(_("days to keep"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        chinese = (get_language() or "zh-hans").startswith("zh")
        return self.name_zh if chinese else self.name_en

    @property
    def kept(self) -> timedelta:
        """How long."""
        return timedelta(days=self.keep_days)


class Retention(RetentionRule):
    """A retention class 保存期限: how long some kinds of record are kept. What no class names is kept for ever."""

    row_security = Everyone()
    keeps_history = True

    code = models.SlugField(_("code"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("retention class")
        verbose_name_plural = _("retention classes")
        constraints = [
            models.CheckConstraint(
                name="records_are_kept_for_180_days_at_least", condition=Q(keep_days__gte=FLOOR_DAYS)
            ),
        ]


class Answer(models.TextChoices):
    """What somebody else said to a request."""

    OPEN = "", _("waits for a second person")
    AGREED = "agreed", _("agreed")
    DECLINED = "declined", _("declined")


class RetentionChange(RetentionRule):
    """A request to keep some records for a shorter time than now: a class shortened, grown by kinds, or made.

    One person asks, another answers; what was agreed to holds at once.
    """

    row_security = Whole("records", own="requested_by_id")
    keeps_history = True

    code = models.SlugField(_("code"), max_length=64)
    reason = models.TextField(_("reason"))
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested at"))
    answer = models.CharField(_("answer"), max_length=8, choices=Answer.choices, blank=True, db_default="")
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True)
    words = models.TextField(_("words"), blank=True, db_default="")

    class Meta:
        verbose_name = _("change of a retention class")
        verbose_name_plural = _("changes of retention classes")
        constraints = [
            models.CheckConstraint(
                name="nobody_agrees_to_what_is_below_180_days", condition=Q(keep_days__gte=FLOOR_DAYS)
            ),
            models.CheckConstraint(name="a_change_of_retention_says_why", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(
                name="a_change_of_retention_needs_two_people",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("requested_by")),
            ),
            models.UniqueConstraint(
                name="one_change_of_a_retention_class_at_a_time", fields=["code"], condition=Q(answer="")
            ),
        ]


class Hold(models.Model):
    """A legal hold 法定保全: while it stands, no purge touches what it covers.

    An empty `kind` covers every kind, no organisation every organisation.
    """

    row_security = Whole("records")
    keeps_history = True

    reason = models.TextField(_("reason"))
    table = models.CharField(_("records"), max_length=8, choices=Table.choices)
    kind = models.CharField(_("kind"), max_length=120, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("placed by"))
    placed_at = models.DateTimeField(_("placed at"), default=clock.now)
    released_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("released by")
    )
    released_at = models.DateTimeField(_("released at"), null=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(name="a_hold_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_hold_is_released_by_somebody",
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Purge(models.Model):
    """A request to remove records older than `before` that their retention class no longer needs.

    Somebody asks, somebody else confirms; what was removed stays in the chain as leaves and in an event (tombstone).
    """

    row_security = Whole("records", own="requested_by_id")
    keeps_history = True

    retention = models.ForeignKey(
        Retention, on_delete=models.PROTECT, related_name="purges", verbose_name=_("retention class")
    )
    before = models.DateTimeField(_("older than"))
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested at"), default=clock.now)
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    declined_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("declined by")
    )
    declined_at = models.DateTimeField(_("declined at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    removed = models.BigIntegerField(_("removed"), default=0)

    class Meta:
        verbose_name = _("purge")
        verbose_name_plural = _("purges")
        constraints = [
            models.CheckConstraint(
                name="a_purge_needs_two_people",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="a_purge_is_confirmed_first", condition=Q(done_at__isnull=True) | Q(confirmed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="a_purge_is_confirmed_or_declined",
                condition=Q(confirmed_at__isnull=True) | Q(declined_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retention_id} < {self.before:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for a second person."""
        return self.confirmed_at is None and self.declined_at is None
