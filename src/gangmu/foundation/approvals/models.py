"""Routes, cases, the places at which they wait for people, and what people decided.

Who may act is not stored: a place says who is asked (named people, roles at an organisation, or a post), and who that
is today is asked of the database when it matters, so that people who come and go, or are on leave, are counted as they
are. Names of people stand beside their ids as they were, since pages may not read other people's accounts.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.actions import LIVE, UNENDED, Action, CaseState, PlaceKind, PlaceStatus
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.versioned import Versioned
from gangmu.foundation.settings.rowsecurity import ByOrganisation, Everyone


class Route(Versioned):
    """One version of a route 审批流程. A case keeps the version under which it was submitted.

    `definition` is what `routes.RouteDefinition.from_json` reads.
    """

    row_security = Everyone()
    keeps_history = True

    class Meta(Versioned.Meta):
        verbose_name = _("route")
        verbose_name_plural = _("routes")


class Case(models.Model):
    """One subject on its way along a route 审批单.

    `path` is the route as resolved for this round: for each node the organisation at which it is held, or why it is
    skipped. `step` is the place of the present node in `path`; none when nobody has to decide. `askers` are all who
    ever submitted it: none of them decides. `content_hash` is what the subject was when it was last submitted.
    `stage` is the word that the last node passed grants, told to the subject.
    """

    row_security = ByOrganisation(room="approvals")
    keeps_history = False  # its decisions are its history
    updatable = (
        "route_id", "state", "round", "path", "step", "stage", "facts", "askers", "requested_by_id",
        "requested_by_name", "requested_at", "words", "exceptions", "content_hash", "since", "due_at", "ended_at",
        "version", "places_count", "decisions_count",
    )  # fmt: skip

    kind = models.CharField(_("kind"), max_length=40)
    subject_id = models.BigIntegerField(_("subject"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    route = models.ForeignKey(Route, on_delete=models.PROTECT, related_name="cases")
    downward = models.BooleanField(_("issued downward"), default=False)
    state = models.CharField(_("state"), max_length=12, choices=CaseState.choices)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    path = models.JSONField(_("path"))
    step = models.PositiveSmallIntegerField(_("step"), null=True)
    stage = models.CharField(_("stage"), max_length=40, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    askers = ArrayField(models.BigIntegerField())
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_by_name = models.CharField(max_length=80)
    requested_at = models.DateTimeField(_("submitted at"))
    words = models.TextField(_("words"), blank=True)
    exceptions = models.PositiveIntegerField(_("exceptions"), default=0)
    content_hash = models.CharField(max_length=64)
    since = models.DateTimeField(_("at this node since"))
    due_at = models.DateTimeField(_("due"), null=True)  # of the open place that is due first
    ended_at = models.DateTimeField(_("ended at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    places_count = models.PositiveIntegerField(default=0)  # number of the newest place
    decisions_count = models.PositiveIntegerField(default=0)  # number of the newest decision

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                name="a_subject_has_one_case_at_a_time",
                fields=["kind", "subject_id", "organisation"],
                condition=Q(state__in=UNENDED),
            ),
            models.CheckConstraint(
                name="a_case_that_is_open_stands_at_a_node",
                condition=Q(state__in=LIVE, step__isnull=False) | (~Q(state__in=LIVE) & Q(step__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_case_that_has_ended_says_when",
                condition=Q(state__in=UNENDED, ended_at__isnull=True)
                | (~Q(state__in=UNENDED) & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="cases_of_a_subject", fields=["kind", "subject_id", "-id"]),
            models.Index(name="cases_unended", fields=["organisation", "state"], condition=Q(state__in=UNENDED)),
            models.Index(name="cases_requested_by", fields=["requested_by", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject_id} {self.state}"

    @property
    def is_live(self) -> bool:
        """Whether somebody has to decide."""
        return self.state in LIVE


class Place(models.Model):
    """Where a case waits for somebody 待办位.

    Asked are the people in `users`, whoever holds one of `roles` at the organisation `at`, and whoever holds `post`;
    never those in `excluded`. One of them decides for the place. `number` counts the places of a case; a place that
    `waits_for` another's number opens when that one is done.
    """

    row_security = ByOrganisation(room="approvals")
    keeps_history = False
    updatable = ("users", "user_names", "excluded", "waits_for", "status", "opened_at", "due_at", "closed_at")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="places")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    round = models.PositiveSmallIntegerField(_("round"))
    step = models.PositiveSmallIntegerField(_("step"))
    kind = models.CharField(_("kind"), max_length=12, choices=PlaceKind.choices)
    users = ArrayField(models.BigIntegerField(), verbose_name=_("people"), default=list)
    user_names = models.JSONField(default=dict)  # id as text: the person's name when they were named
    roles = ArrayField(models.CharField(max_length=64), verbose_name=_("roles"), default=list)
    post = models.CharField(_("post"), max_length=64, blank=True)
    at = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    excluded = ArrayField(models.BigIntegerField(), default=list)
    waits_for = models.PositiveIntegerField(_("waits for"), null=True)
    status = models.CharField(_("status"), max_length=8, choices=PlaceStatus.choices)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # none: by the route
    asked_by_name = models.CharField(max_length=80, blank=True)
    question = models.TextField(_("question"), blank=True)
    opened_at = models.DateTimeField(_("since"), null=True)
    due_at = models.DateTimeField(_("due"), null=True)
    closed_at = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.UniqueConstraint(name="places_of_a_case_are_numbered", fields=["case", "number"]),
            models.CheckConstraint(name="a_place_asks_somebody", condition=~Q(users=[]) | ~Q(roles=[]) | ~Q(post="")),
            models.CheckConstraint(name="a_question_is_asked", condition=~Q(kind="consult") | ~Q(question="")),
            models.CheckConstraint(
                name="an_open_place_says_since_when", condition=~Q(status="open") | Q(opened_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="places_open_at", fields=["at", "organisation"], condition=Q(status="open")),
            GinIndex(name="places_open_of", fields=["users"], condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number} {self.status}"


class Decision(models.Model):
    """One person's word on one case 审批意见. Rows are only ever added.

    `content_hash` is the SHA-256 of what was on the screen. `on_behalf_of` is whom the person stood in for.
    """

    row_security = ByOrganisation(room="approvals")
    keeps_history = False
    updatable = ()

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    round = models.PositiveSmallIntegerField(_("round"))
    action = models.CharField(_("action"), max_length=12, choices=Action.choices)
    place = models.PositiveIntegerField(_("place"), null=True)  # its number
    step = models.PositiveSmallIntegerField(_("node"), null=True)  # at which it was said
    to_step = models.PositiveSmallIntegerField(_("to node"), null=True)  # where the case stands after it
    reason = models.TextField(_("reason"), blank=True)
    words = models.TextField(_("words"), blank=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # delegated to, added, …
    person_name = models.CharField(max_length=80, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_by_name = models.CharField(max_length=80)
    on_behalf_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of_name = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(_("decided at"))  # from the clock, never from the database
    content_hash = models.CharField(max_length=64, blank=True)
    data = models.JSONField(_("details"), default=dict)
    key = models.CharField(_("idempotency key"), max_length=80)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(name="decisions_of_a_case_are_numbered", fields=["case", "number"]),
            models.UniqueConstraint(name="a_decision_counts_once", fields=["case", "decided_by", "key"]),
            models.CheckConstraint(
                name="a_decision_says_why",
                condition=~Q(action__in=["return", "delegate", "add", "reassign"]) | Q(reason__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="an_approval_names_what_was_seen",
                condition=~Q(action__in=["submit", "issue", "approve", "acknowledge", "return"]) | ~Q(content_hash=""),
            ),
            models.CheckConstraint(
                name="nobody_stands_in_for_themselves",
                condition=Q(on_behalf_of__isnull=True) | ~Q(on_behalf_of=F("decided_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number} {self.action}"


class Leave(models.Model):
    """`user` is away 离岗 during `valid`; `stand_in` 代理人 acts on their behalf meanwhile."""

    row_security = ByOrganisation(room="approvals", own="user_id", own_writes=True)
    keeps_history = True

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    user_name = models.CharField(max_length=80)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    stand_in = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stand_in_name = models.CharField(max_length=80)
    valid = DateRangeField(_("valid"))
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        constraints = [
            ExclusionConstraint(
                name="one_leave_of_a_person_at_a_time",
                expressions=[("user", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="a_leave_has_days", condition=Q(valid__isempty=False)),
            models.CheckConstraint(name="a_stand_in_is_somebody_else", condition=~Q(user=F("stand_in"))),
        ]


class Reminder(models.Model):
    """Somebody was reminded 催办 of a case. Rows are only ever added."""

    row_security = ByOrganisation(room="approvals")
    keeps_history = False
    updatable = ()

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reminders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_name = models.CharField(max_length=80)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField(_("at"))
    words = models.TextField(_("words"), blank=True)
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(name="a_reminder_counts_once", fields=["case", "to", "by", "key"])]
        indexes = [models.Index(name="reminders_of_a_case", fields=["case", "to", "-at"])]


# Signed decisions are tables of this room too.
from gangmu.foundation.approvals.signing.models import Signature, SigningRequest  # noqa: E402

__all__ = ["Case", "Decision", "Leave", "Place", "Reminder", "Route", "Signature", "SigningRequest"]
