"""Long work 后台任务: who asked for it, how far it is, what came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByUser


class Job(models.Model):
    """One piece of long work that a user started, done by a worker in the scope that the user had at the site.

    `message` is an English msgid, rendered with `message_params` in the reader's language; so is `error`. `result`
    holds what the kind of job leaves: `{"document": id}`, counts. `key` makes starting twice the same as once.
    """

    row_security = ByUser("owner_id")
    keeps_history = False

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    OPEN = (State.WAITING, State.RUNNING)

    kind = models.CharField(_("kind"), max_length=64)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="jobs", verbose_name=_("owner"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    params = models.JSONField(_("parameters"), default=dict)
    key = models.CharField(_("idempotency key"), max_length=80)
    site = models.CharField(max_length=8, blank=True, default="")  # whose roles count; "" is those of both
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.WAITING)
    cancel_requested = models.BooleanField(_("asked to stop"), default=False)
    done = models.BigIntegerField(_("done so far"), default=0)
    total = models.BigIntegerField(_("in total"), null=True, blank=True)
    message = models.TextField(_("message"), blank=True)
    message_params = models.JSONField(default=dict)
    result = models.JSONField(_("result"), default=dict)
    error = models.TextField(_("error"), blank=True)
    error_params = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    queue_id = models.BigIntegerField(null=True, db_index=True)  # procrastinate's number of the present attempt
    created_at = models.DateTimeField(_("asked for at"), default=clock.now)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        indexes = [models.Index(name="jobs_of_an_owner", fields=["owner", "-id"])]
        constraints = [
            models.UniqueConstraint(name="a_job_is_started_once", fields=["owner", "key"]),
            models.CheckConstraint(
                name="an_ended_job_has_an_end",
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | Q(state__in=["succeeded", "failed", "cancelled"], finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in self.OPEN

    @property
    def percent(self) -> int | None:
        """How much is done, 0 to 100; None while nobody knows how much there is."""
        return None if not self.total else min(100, 100 * self.done // self.total)

    @property
    def said(self) -> str:
        """The message in the reader's language."""
        return gettext(self.message) % self.message_params if self.message else ""

    @property
    def problem(self) -> str:
        """What went wrong, in the reader's language."""
        return gettext(self.error) % self.error_params if self.error else ""
