"""Forms 报表: which figures are asked of whom, when, and by which rules; and who files for whom."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.definitions import FormDefinition
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.models.organisations import Named
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone


class Form(Named):
    """One version of a form. A sheet keeps the version with which it was opened.

    `definition` is what `FormDefinition.from_json` reads; `digest` is its SHA-256, by which a version is known again.
    """

    row_security = Everyone()
    keeps_history = True

    code = models.CharField(_("code"), max_length=64)
    version = models.PositiveIntegerField(_("version"))
    definition = models.JSONField(_("definition"))
    digest = models.CharField(max_length=64)
    is_current = models.BooleanField(_("in force"), default=True)
    source = models.CharField(_("source"), max_length=8, choices=[("shipped", _("shipped")), ("local", _("local"))])
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        constraints = [
            models.UniqueConstraint(name="a_version_of_a_form_is_one", fields=["code", "version"]),
            models.UniqueConstraint(
                name="one_version_of_a_form_is_in_force", fields=["code"], condition=Q(is_current=True)
            ),
        ]

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
