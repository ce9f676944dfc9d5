"""Signs of intrusion 入侵告警, by dated rules; and receivers of the record outside, with how far each has got."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone, Whole


class Sign(models.TextChoices):
    """What an alarm is about."""

    ACCOUNT = "refused-account", _("many refusals of one account")
    ADDRESS = "refused-address", _("many refusals of one address")
    SCOPE = "refused-scope", _("many pages refused to one person")
    FORGED = "forged-proof", _("forged or foreign sessions, certificates, signatures")
    HOURS = "unusual-hours", _("an administrator signed in at an unusual hour")
    CHAIN = "chain", _("verification found something that does not hold")
    SEALING = "sealing", _("records were not sealed for a while")
    STREAM = "stream", _("a receiver of the record does not take it")


class AlarmRule(models.Model):
    """When a sign becomes an alarm, from a day on: so many (`threshold`) within so many minutes (`window`).

    `from_hour` and `to_hour` are the usual hours of administrators on working days. No rule can be switched off.
    """

    row_security = Everyone()
    keeps_history = True

    sign = models.CharField(_("sign"), max_length=20, choices=Sign.choices)
    valid_from = models.DateField(_("from"))
    threshold = models.PositiveSmallIntegerField(_("how many"), default=1)
    window = models.PositiveSmallIntegerField(_("within minutes"), default=60)
    from_hour = models.PositiveSmallIntegerField(_("usual hours from"), default=7)
    to_hour = models.PositiveSmallIntegerField(_("usual hours until"), default=20)

    class Meta:
        verbose_name = _("alarm rule")
        verbose_name_plural = _("alarm rules")
        constraints = [
            models.UniqueConstraint(name="an_alarm_rule_begins_once_a_day", fields=["sign", "valid_from"]),
            models.CheckConstraint(
                name="an_alarm_rule_cannot_be_made_deaf",
                condition=Q(threshold__gte=1, threshold__lte=50, window__gte=5, window__lte=1440),
            ),
            models.CheckConstraint(
                name="usual_hours_leave_a_night",
                condition=Q(from_hour__gte=5, from_hour__lte=12, to_hour__gte=12, to_hour__lte=23),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sign} {self.valid_from}"


class Alarm(models.Model):
    """One sign of intrusion that was seen. While nobody has acknowledged it, further events only raise its count.

    `about` is what it concerns, in the words of its rule: "user:12", "address:10.1.2.3", "event:99".
    """

    row_security = ByOrganisation(room="alarms", unowned=True)
    web_writes = False
    keeps_history = True

    sign = models.CharField(_("sign"), max_length=20, choices=Sign.choices)
    about = models.CharField(_("about"), max_length=120)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    address = models.GenericIPAddressField(_("address"), null=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("organisation")
    )
    rule = models.ForeignKey(AlarmRule, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("rule"))
    count = models.PositiveIntegerField(_("events"))
    first_event = models.BigIntegerField(_("first event"), null=True)
    last_event = models.BigIntegerField(_("last event"), null=True)
    first_at = models.DateTimeField(_("first at"))
    last_at = models.DateTimeField(_("last at"))
    raised_at = models.DateTimeField(_("raised at"))
    data = models.JSONField(_("details"), default=dict)
    acknowledged_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("acknowledged by")
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    note = models.TextField(_("note"), blank=True, db_default="")

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            models.UniqueConstraint(
                name="one_open_alarm_about_a_thing", fields=["sign", "about"], condition=Q(acknowledged_at=None)
            ),
            models.CheckConstraint(
                name="an_alarm_is_acknowledged_with_a_note",
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False, note__regex=r"\S"),
            ),
        ]
        indexes = [
            models.Index(name="records_alarm_about", fields=["sign", "about", "-id"]),
            models.Index(name="records_alarm_organisation", fields=["organisation", "-id"]),
            models.Index(name="records_alarm_open", fields=["id"], condition=Q(acknowledged_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_sign_display()} · {self.about}"


class Receiver(models.Model):
    """A syslog server outside to which every event is sent as it comes, and how far it has got.

    Everything of the transactions before `next_xact` has been given to it; from `safe_xact` on it is sent again after
    the line broke. `url` is udp://, tcp:// or tls:// with host and port; `ca` the PEM of who signs its certificate.
    """

    row_security = Whole("records")
    keeps_history = True
    history_ignores = (
        "next_xact", "safe_xact", "last_event", "sent", "last_ok_at", "failing_since", "failure",
    )  # fmt: skip

    name = models.SlugField(_("name"), max_length=40, unique=True)
    url = models.CharField(_("address"), max_length=200)
    ca = models.TextField(_("certificates of its CA (PEM)"), blank=True)
    from_environment = models.BooleanField(_("set by the environment"), default=False)
    started_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("until"), null=True)
    next_xact = models.BigIntegerField(_("sent up to transaction"))
    safe_xact = models.BigIntegerField(_("surely received up to transaction"))
    last_event = models.BigIntegerField(_("last event sent"), null=True)
    sent = models.BigIntegerField(_("events sent"), default=0)
    last_ok_at = models.DateTimeField(_("last success"), null=True)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    failure = models.TextField(_("last failure"), blank=True)

    class Meta:
        verbose_name = _("receiver of the record")
        verbose_name_plural = _("receivers of the record")
        constraints = [
            models.CheckConstraint(
                name="a_receiver_has_an_address", condition=Q(url__regex=r"^(udp|tcp|tls)://[^/\s]+:\d{1,5}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.url}"
