"""What people are told 通知."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings.rowsecurity import ByUser

PATH = r"^/([^/\\]|$)"  # browsers take // and /\ for the beginning of another site's name


class Notice(models.Model):
    """One message to one user. `text` is an English msgid that is rendered in the reader's language, not the writer's.

    Notices to others are written by the database function `notices_tell` alone; a user reads their own and marks
    them read.
    """

    row_security = ByUser("user_id")
    keeps_history = False

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=64)
    text = models.TextField(_("text"))
    params = models.JSONField(default=dict)
    url = models.CharField(_("address"), max_length=500, blank=True)
    key = models.CharField(max_length=80, blank=True)  # the same occasion told twice is told once
    created_at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        indexes = [
            models.Index(name="notices_of_a_user", fields=["user", "-id"]),
            models.Index(name="notices_unread", fields=["user"], condition=Q(read_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(name="an_occasion_is_told_once", fields=["user", "key"], condition=~Q(key="")),
            models.CheckConstraint(
                name="a_notice_leads_to_a_path_of_this_site", condition=Q(url="") | Q(url__regex=PATH)
            ),
        ]

    def __str__(self) -> str:
        return gettext(self.text) % self.params
