"""A file of people that somebody is taking over: its lines, what came of them, and the sheet of passwords."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByUser


class Intake(models.Model):
    """One file of people and posts 人员导入. Its preview is worked out anew whenever it is looked at.

    `sheet` holds the one-time passwords of the accounts made, encrypted, until they are fetched: once.
    """

    row_security = ByUser("by_id")
    keeps_history = False

    class Handing(models.TextChoices):
        SHEET = "sheet", _("in a sheet")
        MAIL = "mail", _("by e-mail")

    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    file = models.CharField(_("file"), max_length=200)
    lines = models.JSONField(_("lines"))
    handing = models.CharField(_("one-time passwords"), max_length=8, choices=Handing.choices)
    taken_at = models.DateTimeField(_("taken at"), default=clock.now)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(_("done at"), null=True)
    result = models.JSONField(_("result"), default=dict)
    sheet = models.TextField(blank=True)
    fetched_at = models.DateTimeField(_("fetched at"), null=True)

    class Meta:
        verbose_name = _("file of people")
        verbose_name_plural = _("files of people")
        indexes = [models.Index(name="people_intake_of_user", fields=["by", "-id"])]

    def __str__(self) -> str:
        return self.file
