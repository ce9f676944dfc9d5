"""Bodies, posts, those who hold them, and who is on duty.

A person is a `Contact` here; a user account may point to one. Every row carries its organisation, since row
security works on it; a composite foreign key (see `migrations/0002_tree.py`) keeps it equal to the parent row's. A
branch that the organisation has left does not see them: who is there, and how to reach them, is the present one's.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.parties.models.organisations import Named, Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class HolderRole(models.TextChoices):
    """Who acts, and who steps in."""

    PRIMARY = "primary", _("primary")
    BACKUP = "backup", _("backup")


class Body(Named):
    """A committee, leading group or office inside an organisation 机构. Aliases are other printed spellings."""

    row_security = ByOrganisation(room="parties")
    keeps_history = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bodies")
    code = models.CharField(_("code"), max_length=64)
    aliases = ArrayField(models.CharField(max_length=200), verbose_name=_("aliases"), default=list, blank=True)
    duties = models.TextField(_("duties"), blank=True)
    valid = DateRangeField(_("valid"))

    class Meta:
        verbose_name = _("body")
        verbose_name_plural = _("bodies")
        constraints = [
            models.UniqueConstraint(name="a_body_code_is_unique", fields=["organisation", "code"]),
            models.UniqueConstraint(name="a_body_belongs_to_one_organisation", fields=["id", "organisation"]),
            models.CheckConstraint(name="a_body_has_a_name", condition=~Q(name_zh="", name_en="")),
            models.CheckConstraint(name="a_body_has_days", condition=Q(valid__isempty=False)),
        ]


class Post(Named):
    """A post 岗位 of an organisation, perhaps in one of its bodies, that people are appointed to."""

    row_security = ByOrganisation(room="parties")
    keeps_history = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    code = models.CharField(_("code"), max_length=64)
    valid = DateRangeField(_("valid"))

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.UniqueConstraint(name="a_post_code_is_unique", fields=["organisation", "code"]),
            models.UniqueConstraint(name="a_post_belongs_to_one_organisation", fields=["id", "organisation"]),
            models.CheckConstraint(name="a_post_has_a_name", condition=~Q(name_zh="", name_en="")),
            models.CheckConstraint(name="a_post_has_days", condition=Q(valid__isempty=False)),
        ]


class Contact(Named):
    """A person or desk that can be reached on behalf of an organisation 联系人."""

    row_security = ByOrganisation(room="parties")
    keeps_history = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contacts")
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    valid = DateRangeField(_("valid"))

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.CheckConstraint(name="a_contact_has_a_name", condition=~Q(name_zh="", name_en="")),
            models.CheckConstraint(name="a_contact_can_be_reached", condition=~Q(phone="", mobile="", email="")),
            models.CheckConstraint(name="a_contact_has_days", condition=Q(valid__isempty=False)),
        ]


class Appointment(models.Model):
    """`contact` holds `post` as primary or backup during `valid` 任职. A post has one primary holder a day."""

    row_security = ByOrganisation(room="parties")
    keeps_history = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="appointments")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(_("role"), max_length=8, choices=HolderRole.choices)
    valid = DateRangeField(_("valid"))

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            ExclusionConstraint(
                name="a_post_has_one_primary_holder_a_day",
                expressions=[("post", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(role=HolderRole.PRIMARY),
            ),
            ExclusionConstraint(
                name="nobody_holds_a_post_twice",
                expressions=[
                    ("post", RangeOperators.EQUAL),
                    ("contact", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(name="an_appointment_role_is_known", condition=Q(role__in=HolderRole.values)),
            models.CheckConstraint(name="an_appointment_has_days", condition=Q(valid__isempty=False)),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.role} of {self.post_id} {self.valid}"


class Roster(Named):
    """A duty roster 值班表 of an organisation; its shifts say who is on duty."""

    row_security = ByOrganisation(room="parties")
    keeps_history = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="rosters")
    code = models.CharField(_("code"), max_length=64)
    valid = DateRangeField(_("valid"))

    class Meta:
        verbose_name = _("roster")
        verbose_name_plural = _("rosters")
        constraints = [
            models.UniqueConstraint(name="a_roster_code_is_unique", fields=["organisation", "code"]),
            models.UniqueConstraint(name="a_roster_belongs_to_one_organisation", fields=["id", "organisation"]),
            models.CheckConstraint(name="a_roster_has_a_name", condition=~Q(name_zh="", name_en="")),
            models.CheckConstraint(name="a_roster_has_days", condition=Q(valid__isempty=False)),
        ]


class Shift(models.Model):
    """`contact` is on duty `during` a stretch of time; `day` is the business date on which it begins."""

    row_security = ByOrganisation(room="parties")
    keeps_history = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="shifts")
    roster = models.ForeignKey(Roster, on_delete=models.PROTECT, related_name="shifts")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="shifts")
    role = models.CharField(_("role"), max_length=8, choices=HolderRole.choices)
    day = models.DateField(_("day of duty"))
    during = DateTimeRangeField(_("during"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            ExclusionConstraint(
                name="one_person_on_duty_in_a_role",
                expressions=[
                    ("roster", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="a_shift_role_is_known", condition=Q(role__in=HolderRole.values)),
            models.CheckConstraint(
                name="a_shift_has_a_beginning_and_an_end",
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.role} {self.during}"
