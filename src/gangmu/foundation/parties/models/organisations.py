"""Organisations, their dated placements and attributes, and the closure that PostgreSQL derives from them.

Date ranges are half-open (`[from, to)`); an open end is `None`. Placements and attribute rows end where what is above
their organisation changes: the database cuts them there and marks the later part `continued`, see
`migrations/0003_cut.py`. What cannot be said row by row (no cycle on any
day, a parent that exists as long as its child) is checked by a deferred trigger that runs once per transaction,
see `migrations/0002_tree.py`.
"""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.names import sort_key
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation, SystemOnly

CODE_PATTERN = r"^[0-9A-Za-z一-鿿][0-9A-Za-z一-鿿_.:#-]*$"


class Named(models.Model):
    """Names in both languages; at least one of them, which then stands for the other."""

    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        if (get_language() or "zh-hans").startswith("zh"):
            return str(self.name_zh or self.name_en)
        return str(self.name_en or self.name_zh)


def _continued() -> models.BooleanField:
    """Whether a row is the later part of one that the database has cut in two."""
    return models.BooleanField(_("goes on from the row before"), default=False, db_default=False, editable=False)


class Organisation(Named):
    """A group, region, plant, unit …: a stable identity. Where it stands and what it can do is dated.

    `kind` is the code of a registered kind (`parties.kinds`); `sort_key` orders by pinyin, since this database
    sorts Chinese by code point.
    """

    row_security = ByOrganisation(room="parties", field="id", during="ever")
    keeps_history = True
    web_writes = False  # by `parties_apply`, which asks for the rights of who has signed in

    code: Any = models.CharField(_("code"), max_length=64, unique=True)
    kind: Any = models.CharField(_("kind"), max_length=40, db_index=True)
    sort_key: Any = models.CharField(max_length=600, editable=False, db_index=True)
    created_at = models.DateTimeField(_("created at"), editable=False)  # from the clock
    changed_at = models.DateTimeField(_("changed at"), editable=False)  # from the clock

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["sort_key", "code"]
        constraints = [
            models.CheckConstraint(name="organisation_code_is_well_formed", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(name="organisation_has_a_name", condition=~Q(name_zh="", name_en="")),
        ]

    def save(self, *args, **kwargs) -> None:
        self.stamp()
        super().save(*args, **kwargs)

    def stamp(self) -> None:
        """Set what derives from the names and the clock; bulk writers call it themselves."""
        self.sort_key = sort_key(str(self.name_zh or self.name_en))
        self.changed_at = clock.now()
        if self.created_at is None:
            self.created_at = self.changed_at

    def clean(self) -> None:
        kinds.kind(self.kind)


class Placement(models.Model):
    """`child` stands under `parent` (or at the root) during `valid` 隶属."""

    row_security = ByOrganisation(room="parties", field="child_id", during="valid")
    keeps_history = True
    web_writes = False  # by `parties_apply`, which asks for the rights of who has signed in

    child = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="placements")
    parent = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="child_placements"
    )
    valid = DateRangeField(_("valid"))
    continued = _continued()

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ["child", "valid"]
        constraints = [
            ExclusionConstraint(
                name="placements_of_a_child_do_not_overlap",
                expressions=[("child", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(name="nobody_is_its_own_parent", condition=~Q(parent=F("child"))),
            models.CheckConstraint(name="a_placement_has_days", condition=Q(valid__isempty=False)),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} < {self.parent_id} {self.valid}"


class AttributeValue(models.Model):
    """A dated attribute: its text as given, for numbers the canonical decimal text and the number.

    `name` is a registered attribute (`parties.kinds`). A former branch keeps the values of its own time.
    """

    row_security = ByOrganisation(room="parties", field="organisation_id", during="valid")
    keeps_history = True
    web_writes = False  # by `parties_apply`, which asks for the rights of who has signed in

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="attribute_values")
    name = models.CharField(_("attribute"), max_length=40)
    value = models.CharField(_("value"), max_length=200)
    number = models.DecimalField(_("number"), max_digits=30, decimal_places=9, null=True, blank=True)
    valid = DateRangeField(_("valid"))
    continued = _continued()

    class Meta:
        verbose_name = _("attribute value")
        verbose_name_plural = _("attribute values")
        ordering = ["organisation", "name", "valid"]
        constraints = [
            ExclusionConstraint(
                name="one_value_of_an_attribute_a_day",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(name="an_attribute_value_has_days", condition=Q(valid__isempty=False)),
            models.CheckConstraint(name="an_attribute_value_is_not_blank", condition=~Q(value="")),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.name}={self.value} {self.valid}"


class Membership(models.Model):
    """`organisation` is `depth` tiers below `ancestor` during `valid`; depth 0 is the organisation itself.

    Derived: PostgreSQL keeps it equal to the transitive closure of the placements, at the latest when the
    transaction commits. Nobody else writes it, hence no foreign key checks of its own.
    """

    row_security = SystemOnly()
    keeps_history = False

    ancestor = models.ForeignKey(Organisation, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.DO_NOTHING, related_name="memberships", db_constraint=False
    )
    depth = models.SmallIntegerField()
    valid = DateRangeField(_("valid"))

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        return f"{self.organisation_id} in {self.ancestor_id} {self.valid}"


class ClosureDue(models.Model):
    """A transaction that changed placements and still owes the check of the tree and the new closure.

    A row lives from the first changed placement to the deferred trigger of the same transaction.
    """

    row_security = SystemOnly()
    keeps_history = False

    transaction = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.transaction)
