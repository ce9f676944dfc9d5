"""Forms 报表: which figures are asked of whom, when, and by which rules; and who files for whom."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.definitions import FormDefinition
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.versioned import Versioned
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone


class Form(Versioned):
    """One version of a form. A sheet keeps the version with which it was opened.

    `definition` is what `FormDefinition.from_json` reads.
    """

    row_security = Everyone()
    keeps_history = True

    class Meta(Versioned.Meta):
        verbose_name = _("form")
        verbose_name_plural = _("forms")

    @property
    def defined(self) -> FormDefinition:
        """The definition, read."""
        return FormDefinition.from_json(self.definition)


class Duty(models.Model):
    """`filer` files `form_code` for `organisation` 填报责任: a control centre 集控 for many stations.

    Without a row an organisation files for itself. Right comes from roles alone: the filer's people need one at the
    station or above it.
    """

    row_security = ByOrganisation(room="figures")
    keeps_history = True

    form_code = models.CharField(_("form"), max_length=64)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    filer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    valid = DateRangeField(_("valid"))

    class Meta:
        verbose_name = _("duty to file")
        verbose_name_plural = _("duties to file")
        constraints = [
            ExclusionConstraint(
                name="one_organisation_files_a_form_on_a_day",
                expressions=[
                    ("form_code", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="a_duty_has_days", condition=Q(valid__isempty=False)),
        ]
