"""What is done with roles, assignments and reviews. The database judges; here its refusals become sentences.

Everything runs in the name of whoever the scope says is signed in.
"""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access import permits
from gangmu.foundation.access.models import Assignment, Review, ReviewLine, ReviewPart, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation

# constraint → why, and what to do. %(detail)s is the permission, day or number that the database names.
REFUSALS: dict[str, tuple[str | Promise, str | Promise]] = {
    "access_stranger": (_("Nobody is signed in."), _("Sign in first.")),
    "access_oneself": (
        _("Nobody gives, renews or ends a role of their own."),
        _("Ask another security administrator. A second account of yours counts as you."),
    ),
    "access_may_not": (
        _("Your roles do not let you give roles at this organisation."),
        _("The security administrator of a branch above it can, or give you the right for this branch."),
    ),
    "access_person_elsewhere": (
        _("The person does not work in the branch in which you give roles."),
        _("Ask the security administrator, or choose somebody of your branch."),
    ),
    "access_not_held": (
        _("The role holds “%(detail)s”, which you do not hold yourself."),
        _("Nobody gives more than they hold: choose a smaller role, or ask the security administrator."),
    ),
    "access_reach": (
        _("You hold “%(detail)s” elsewhere, or with a smaller reach, but not for all of this organisation's branch."),
        _("Choose an organisation of your own branch or a smaller reach, or ask the security administrator."),
    ),
    "access_dates": (
        _("Your own right ends before the assignment would: %(detail)s."),
        _("Let the assignment end on that day at the latest, or ask the security administrator."),
    ),
    "access_past": (
        _("A role is neither given nor ended in the past."),
        _("Choose today or a later day."),
    ),
    "access_order": (_("The last day lies before the first."), _("Correct the days.")),
    "access_nothing_there": (
        _("The role, the person or the assignment is not there any more, or the account is closed."),
        _("Reload the page and look again."),
    ),
    "access_held_already": (
        _("The person holds this role there on these days already."),
        _("Let the new one begin when the other ends, or renew the other."),
    ),
    "access_not_earlier": (
        _("It ends on an earlier day already: %(detail)s."),
        _("To make it longer, renew it."),
    ),
    "access_may_not_configure": (
        _("Your roles do not let you change roles: that is the security administrator's of the whole group."),
        _("Ask the security administrator."),
    ),
    "access_changed_meanwhile": (
        _("Somebody changed it while you had it open."),
        _("Open it anew, look at what is different, and do your change again."),
    ),
    "access_own_role": (
        _("You hold this role yourself: you may take from it, not add to it."),
        _("Let another security administrator make the change."),
    ),
    "access_role_was_held": (
        _("The role is or was held by somebody; what they could do must stay known."),
        _("End its assignments; a role that nobody holds does no harm."),
    ),
    "three_powers_apart": (
        _("One person would hold two of the three powers at once: %(detail)s."),
        _("System, security and audit administrator are three people. End the other role before, or choose another."),
    ),
    "a_role_has_one_power": (
        _("A role cannot hold parts of several of the three powers."),
        _("Make two roles of it, for two people."),
    ),
    "access_may_not_open": (
        _("Your roles do not let you open a review of the whole group."),
        _("The security administrator opens it, or the calendar does when the quarter begins."),
    ),
    "access_may_not_review": (
        _("Your roles do not let you review this branch."),
        _("The branch's reviewer or the security administrator can."),
    ),
    "access_signed": (_("This branch is signed; what is signed does not change."), _("Change it in the next review.")),
    "access_own_line": (
        _("Nobody decides about roles of their own."),
        _("Another reviewer of this branch or above decides about this line."),
    ),
    "access_incomplete": (
        _("The decision is not complete."),
        _("To end needs a day; to change needs another role or another reach."),
    ),
    "access_undecided": (
        _("%(detail)s line(s) are not decided yet."),
        _("Decide about every line; your own are decided by another reviewer."),
    ),
}


class Refused(Exception):
    """The database refused. `why` says what stands in the way, `do` what can be done, `reason` is its short name."""

    def __init__(self, reason: str, detail: str = "") -> None:
        why, do = REFUSALS[reason]
        if reason == "three_powers_apart":
            detail = ", ".join(str(permits.power_name(one)) for one in detail.split(","))
        self.reason = reason.removeprefix("access_")
        self.detail = detail
        self.why = str(why) % {"detail": permits.in_words(detail)} if "%(detail)s" in str(why) else str(why)
        self.do = str(do)
        super().__init__(f"{self.why} {self.do}")


@dataclass(frozen=True)
class Judgement:
    """Whether somebody may give a role: `how` is `security` or `delegated`, or `refused` says why not."""

    how: str
    refused: Refused | None = None


@contextmanager
def judged():
    """Turn what the database refuses into `Refused`; what it had done in this block is undone."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        problem = getattr(error.__cause__, "diag", None)
        if problem is not None and problem.constraint_name in REFUSALS:
            raise Refused(problem.constraint_name, problem.message_detail or "") from error
        raise


def _call(function: str, *values: Any) -> Any:
    """The first value of what one of the room's functions gives."""
    marks = ", ".join("%s" for _value in values)
    with judged(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({marks})", list(values))
        row = cursor.fetchone()
    return row[0] if row else None


def would(
    user: User, role: Role, organisation: Organisation, reach: str, first: date, until: date | None = None
) -> Judgement:
    """Whether whoever is signed in may give a role, without giving it. The days are first and last-exclusive."""
    with connection.cursor() as cursor:
        values = [user.pk, role.pk, organisation.pk, reach, first, until]
        cursor.execute("SELECT how, problem, detail FROM access_would(%s, %s, %s, %s, %s, %s)", values)
        how, problem, detail = cursor.fetchone()
    return Judgement(how, Refused(f"access_{problem}", detail) if problem else None)


def give(
    user: User,
    role: Role,
    organisation: Organisation,
    *,
    reach: str = Assignment.Reach.BRANCH,
    first: date,
    until: date | None = None,
    because: str = "",
) -> int:
    """Give a role from a day to a day (exclusive). The assignment's number.

    Raises:
        Refused: whoever is signed in may not, or may not so much.
    """
    return _call("access_give", user.pk, role.pk, organisation.pk, reach, first, until, because)


def end(assignment: Assignment, until: date, *, because: str = "") -> None:
    """End an assignment with a day (exclusive); one that has not begun by then is withdrawn.

    Raises:
        Refused: whoever is signed in may not.
    """
    _call("access_end", assignment.pk, until, because)


def renew(assignment: Assignment, today: date, until: date | None, *, because: str = "") -> int:
    """Give again what ends, from where it ends (from today, when it has ended already).

    Raises:
        Refused: whoever is signed in may not give it, or it has no end.
    """
    if assignment.valid_to is None:
        raise Refused("access_held_already")
    return give(
        assignment.user,
        assignment.role,
        assignment.organisation,
        reach=assignment.reach,
        first=max(today, assignment.valid_to),
        until=until,
        because=because,
    )


def save_role(role: Role, *, based_on: int = 0) -> int:
    """Make or change a role as `role` has it; `based_on` is the version that was changed. Its number.

    Raises:
        ValidationError: its code or its permissions are malformed.
        Refused: whoever is signed in may not.
    """
    role.full_clean(exclude=["code"] if role.pk else [])
    values = [role.name_zh, role.name_en, role.site, list(role.permissions), list(role.hides)]
    return _call("access_save_role", role.pk, based_on, role.code, *values)


def save_menu(role: Role, menu: str, hidden: Iterable[str], *, based_on: int) -> None:
    """Say how the menu looks to the holders of a role: `menu` is JSON, `hidden` are elements `menu:KEY`.

    Raises:
        Refused: whoever is signed in may not.
    """
    _call("access_save_menu", role.pk, based_on, menu, list(hidden))


def remove_role(role: Role) -> None:
    """Remove a role that nobody ever held.

    Raises:
        Refused: whoever is signed in may not, or somebody held it.
    """
    _call("access_remove_role", role.pk)


def open_review(quarter: str, due: date) -> Review:
    """Open the review of a quarter; the one already open when there is one.

    Raises:
        Refused: whoever is signed in may not.
    """
    return Review.objects.get(pk=_call("access_open_review", quarter, due))


def decide(
    line: ReviewLine,
    decision: str,
    *,
    end_on: date | None = None,
    role: Role | None = None,
    reach: str = "",
    words: str = "",
) -> None:
    """Decide about one line of a review.

    Raises:
        Refused: whoever is signed in may not, or about themselves.
    """
    _call("access_decide", line.pk, decision, end_on, role.pk if role else None, reach, words)


def decide_all(lines: Sequence[ReviewLine], decision: str) -> int:
    """Decide the same about several lines; those about oneself are passed over. How many."""
    done = 0
    for line in lines:
        try:
            decide(line, decision)
        except Refused as refused:
            if refused.reason != "own_line":
                raise
        else:
            done += 1
    return done


def sign(part: ReviewPart, seen: str) -> None:
    """Sign a branch's part; what was decided is done. `seen` is the digest of what was shown.

    Raises:
        Refused: whoever is signed in may not, lines are open, or it changed since it was shown.
    """
    _call("access_sign", part.pk, seen)
