"""Facts and their revisions.

A fact is indicator × organisation × period × scenario. Rows of `Fact` are revisions: they are only ever added,
and the one column that changes later is `superseded_by`, once. So "as known then" is a question of batches.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone, SystemOnly

LARGEST_SCALED_VALUE = 10**15


class State(models.IntegerChoices):
    """How far up the tiers a fact has been approved."""

    FILED = 1, _("filed")
    PLANT = 2, _("approved by the plant")
    REGION = 3, _("approved by the region")
    GROUP = 4, _("approved by the group")
    LOCKED = 5, _("locked")


class Mark(models.IntegerChoices):
    """What a figure is besides a number: blank, zero and out of service differ."""

    NONE = 0, _("filed")
    OUT_OF_SERVICE = 1, _("out of service")
    CARRIED = 2, _("carried forward")
    RECEIVED = 3, _("from an interface")
    DERIVED = 4, _("from the event log")
    ROUNDED = 5, _("rounded as shown")


class Scenario(models.Model):
    """What kind of figure 情景: what happened (`actual`), a version of a plan, a forecast."""

    row_security = Everyone()
    keeps_history = False

    id = models.SmallAutoField(primary_key=True)
    code = models.CharField(_("code"), max_length=40, unique=True)
    created_at = models.DateTimeField(_("created at"))

    def __str__(self) -> str:
        return self.code


class Batch(models.Model):
    """One act that recorded facts: an import, a sheet's revision, a correction.

    `key` is the idempotency key of the act: the same act sent twice by a slow line is recorded once.
    """

    row_security = SystemOnly()
    keeps_history = False

    class Kind(models.TextChoices):
        IMPORT = "import", _("import")
        SHEET = "sheet", _("sheet")
        CORRECTION = "correction", _("correction")
        CLOSING = "closing", _("closing of a month")
        RESCALING = "rescaling", _("more decimals")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    source = models.CharField(_("source"), max_length=255, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    key = models.CharField(_("idempotency key"), max_length=64, unique=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    facts_count = models.PositiveIntegerField(_("facts"), default=0)
    takes_back = ArrayField(models.BigIntegerField(), default=list, db_default=[])  # batches whose facts it ended

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_correction_says_why",
                condition=~Q(kind="correction") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Fact(models.Model):
    """One revision of one cell. `value` is an integer in units of 10^-scale of the indicator.

    `period` is the first day of the day or month. `superseded_by` is empty on the revision that holds now.
    `entered` keeps the text as it was entered where it differs from the stored value.

    Foreign keys are checked once a statement (see functions.sql): PostgreSQL's own check runs a query a row and key,
    which cost more than all the rest of a load.
    """

    row_security = ByOrganisation(room="figures", during="filing_day(indicator_id, organisation_id, period)")
    keeps_history = False  # the revisions are the history
    updatable = ("superseded_by_id", "state")  # no role but the owner can change or remove anything else
    web_writes = False  # facts come in through loads and jobs, which ask for rights themselves

    pk = models.CompositePrimaryKey("indicator_id", "scenario_id", "organisation_id", "period", "batch_id")
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    period = models.DateField(_("period"))
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="facts", db_constraint=False)
    value = models.BigIntegerField(_("value"))
    state = models.SmallIntegerField(_("state"), choices=State.choices)
    superseded_by = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False
    )
    entered = models.TextField(_("as entered"), null=True, blank=True)
    mark = models.SmallIntegerField(_("mark"), choices=Mark.choices, default=Mark.NONE, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_revision_of_a_cell_holds",
                fields=["indicator", "scenario", "organisation", "period"],
                condition=Q(superseded_by__isnull=True),
            ),
            models.CheckConstraint(
                name="a_value_fits_the_cube",
                condition=Q(value__gte=-LARGEST_SCALED_VALUE, value__lte=LARGEST_SCALED_VALUE),
            ),
        ]


class Change(models.Model):
    """The log that the cube folds, ordered by commit: `id` is drawn under a lock held until the commit ends.

    Written by a deferred trigger on `Batch`; a plain "id > last" over batches would lose those that commit late.
    """

    row_security = SystemOnly()
    keeps_history = False

    id = models.BigIntegerField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
