"""What pages keep for their users: saved views of lists, and the keys of forms already received."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByUser, RowSecurity


class SavedView(models.Model):
    """Filters, sorting and columns of one list under a name. A shared view can be read, not changed, by others.

    A view holds no rows: whoever opens a shared one sees the rows of their own scope.
    """

    row_security: ClassVar[RowSecurity] = ByUser(shared="shared")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(_("page"), max_length=100)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters, sorting and columns"), max_length=2000, blank=True)
    shared = models.BooleanField(_("shared with everybody"), default=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"],
                name="one_view_per_name",
                violation_error_message=_("You already have a view of this name. Choose another name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_shown_by(self, parameters: QueryDict) -> bool:
        """Whether a list with these parameters shows this view; the page number does not count."""
        mine = QueryDict(self.query)
        asked = {name: values for name, values in parameters.lists() if name != "page"}
        return asked == dict(mine.lists())


class Submission(models.Model):
    """One form that was received, so that its second copy from a slow line does nothing twice."""

    row_security: ClassVar[RowSecurity] = ByUser()

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    path = models.CharField(max_length=500)
    location = models.CharField(max_length=2000, blank=True)
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("form received")
        verbose_name_plural = _("forms received")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="a_form_counts_once")]
        indexes = [models.Index(fields=["received_at"], name="ui_submission_received")]

    def __str__(self) -> str:
        return f"{self.path} {self.key}"
