"""Resources, and which of them need which.

What cannot be said row by row (no cycle on any day, no group that needs more members than it has, no dependency that
outlives its ends) is asked once per transaction by a deferred trigger under a lock, see `migrations/0002_graph.py`.
"""

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Organisation, Post
from gangmu.foundation.parties.models.organisations import CODE_PATTERN, Named
from gangmu.foundation.parties.names import sort_key
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation, ByUser, SystemOnly


class Kind(models.TextChoices):
    """What a resource is."""

    SYSTEM = "system", _("information system")
    SERVICE = "service", _("service")
    PLATFORM = "platform", _("platform")
    SITE = "site", _("premises")
    ROOM = "room", _("machine room")
    RACK = "rack", _("rack")
    FEED = "feed", _("power feed")
    LINE = "line", _("communication line")
    DEVICE = "device", _("device")
    SUPPLIER = "supplier", _("supplier")
    DATA_SET = "data_set", _("data set")


class Resource(Named):
    """Something that others work with or rest on 资源, owned by an organisation.

    A `supporting` resource has no grading factors of its own: it takes the highest grade of whatever needs it.
    `valid` is when it is in the register: from its first day to the day after its last, or open.
    """

    row_security = ByOrganisation(room="resources")
    keeps_history = True

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="resources", verbose_name=_("owner")
    )
    code: Any = models.CharField(_("code"), max_length=64, unique=True)
    kind: Any = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    supporting = models.BooleanField(_("supporting, with no grading factors of its own"), default=False)
    responsible = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible person")
    )
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible post")
    )
    attributes = models.JSONField(_("particulars"), default=dict, blank=True)  # name → text, both as people write them
    remark = models.TextField(_("remark"), blank=True)
    valid = DateRangeField(_("in the register"))
    sort_key: Any = models.CharField(max_length=600, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)  # what a change was based on

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["sort_key", "code"]
        indexes = [
            models.Index(name="resources_in_order", fields=["sort_key", "code"]),
            models.Index(name="resources_of_a_kind", fields=["kind", "sort_key"]),
        ]
        constraints = [
            models.UniqueConstraint(name="a_resource_belongs_to_one_organisation", fields=["id", "organisation"]),
            models.CheckConstraint(name="resource_code_is_well_formed", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(name="a_resource_has_a_name", condition=~Q(name_zh="", name_en="")),
            models.CheckConstraint(name="a_known_kind_of_resource", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="a_resource_has_days", condition=Q(valid__isempty=False, valid__lower_inf=False)
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.stamp()
        if "update_fields" in kwargs:
            kwargs["update_fields"] = {*kwargs["update_fields"], "sort_key"}
        super().save(*args, **kwargs)

    def stamp(self) -> None:
        """Set what derives from the names; bulk writers call it themselves."""
        self.sort_key = sort_key(str(self.name_zh or self.name_en))

    @property
    def since(self) -> date:
        """Its first day in the register."""
        return Days.of(self.valid).start

    @property
    def is_current(self) -> bool:
        """Whether it is in the register today."""
        return clock.today() in self.valid


class Dependency(models.Model):
    """`resource` needs `on` during `valid` 依赖.

    Members of a redundancy group 冗余组 (dependencies of one resource under one `group` name) stand in for each other:
    `needed` of them suffice. Without a group the dependency itself is needed. Every row carries the organisation of
    `resource`, since row security works on it; a composite foreign key keeps it equal.
    """

    row_security = ByOrganisation(room="resources")
    keeps_history = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, related_name="needs", verbose_name=_("resource"), db_constraint=False
    )
    on = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="needed_by", verbose_name=_("needs"))
    group = models.CharField(_("redundancy group"), max_length=40, blank=True)
    needed = models.PositiveSmallIntegerField(_("of which suffice"), null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    valid = DateRangeField(_("valid"))

    class Meta:
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        ordering = ["resource_id", "group", "on_id"]  # a join would leave out what is not in scope
        constraints = [
            models.CheckConstraint(name="nothing_needs_itself", condition=~Q(resource=F("on"))),
            models.CheckConstraint(
                name="a_dependency_has_days", condition=Q(valid__isempty=False, valid__lower_inf=False)
            ),
            models.CheckConstraint(
                name="a_group_says_how_many_suffice",
                condition=Q(group="", needed__isnull=True) | (~Q(group="") & Q(needed__isnull=False, needed__gte=1)),
            ),
            ExclusionConstraint(
                name="a_dependency_stands_once_a_day",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("on", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.DEFERRED,
            ),
            ExclusionConstraint(
                name="a_group_has_one_number_a_day",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("group", RangeOperators.EQUAL),
                    ("needed", RangeOperators.NOT_EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=~Q(group=""),
                deferrable=Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} → {self.on_id} {self.valid}"

    @property
    def since(self) -> date:
        """Its first day."""
        return Days.of(self.valid).start


class Intake(models.Model):
    """One file of resources that somebody looks at before it is taken over 资源导入.

    What it would change is worked out anew whenever it is looked at.
    """

    row_security = ByUser("by_id")
    keeps_history = False

    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    file = models.CharField(_("file"), max_length=200)
    lines = models.JSONField(_("lines"))
    taken_at = models.DateTimeField(_("taken at"), default=clock.now)
    done_at = models.DateTimeField(_("done at"), null=True)
    result = models.JSONField(_("result"), default=dict)

    class Meta:
        verbose_name = _("file of resources")
        verbose_name_plural = _("files of resources")
        indexes = [models.Index(name="resources_intake_of_user", fields=["by", "-id"])]

    def __str__(self) -> str:
        return self.file


class GraphDue(models.Model):
    """A transaction that changed dependencies or the days of resources and still owes the check of the graph."""

    row_security = SystemOnly()
    keeps_history = False

    transaction = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.transaction)
