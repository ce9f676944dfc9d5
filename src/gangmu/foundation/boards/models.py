"""What people have made of their home pages."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByUser, RowSecurity


class Arrangement(models.Model):
    """One user's own order, sizes and choice of the tiles of a board. It holds no figures: those are asked anew.

    `tiles` is a list of {"id", "x", "y", "w", "h", "shown"}, with "settings" where some are chosen; see `arranging`.
    """

    row_security: ClassVar[RowSecurity] = ByUser()

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    board = models.CharField(_("board"), max_length=60)
    tiles = models.JSONField(_("tiles"), default=list)
    updated_at = models.DateTimeField(_("changed at"), default=clock.now)

    class Meta:
        verbose_name = _("own arrangement")
        verbose_name_plural = _("own arrangements")
        constraints = [models.UniqueConstraint(fields=["user", "board"], name="one_arrangement_of_a_board")]

    def __str__(self) -> str:
        return self.board
