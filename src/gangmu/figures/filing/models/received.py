"""Values that came through an interface 接口: proposals beside a cell, never facts by themselves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class Received(models.Model):
    """The newest value that a source gave for a cell, scaled as a fact's."""

    row_security = ByOrganisation(room="figures")
    keeps_history = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    period = models.DateField(_("period"))
    source = models.CharField(_("source"), max_length=80)
    value = models.BigIntegerField(_("value"))
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_source_gives_a_cell_one_value", fields=["organisation", "indicator", "period", "source"]
            ),
        ]
