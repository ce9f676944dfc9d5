"""Reminding 催办 of sheets that are due: whoever may file them, or whoever holds them at a node of their route."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop

from gangmu.figures.filing.access import APPROVE, LOCK
from gangmu.figures.filing.models import Form
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import services as approvals
from gangmu.foundation.approvals.errors import ApprovalError, TooSoon
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.notices.services import tell
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

REMINDED = gettext_noop("%(by)s reminds you: “%(form_en)s” of %(organisation_en)s for %(period)s is not submitted yet.")
"""Told to whoever files it."""


@dataclass(frozen=True)
class Due:
    """A sheet that is waited for: of which form, organisation and period, at which address, and who may file it.

    `clerks` are ids with names; `case` is its case when it is under approval, or was returned.
    """

    form: Form
    organisation: Organisation
    period: Period
    url: str
    clerks: Sequence[tuple[int, str]] = ()
    case: Case | None = None


@dataclass
class Reminded:
    """Whom the reminders went to, how many of these were told less than an hour ago, and what could not be reminded."""

    names: list[str] = field(default_factory=list)
    sheets: int = 0
    too_soon: int = 0
    nobody: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def may_remind(scope: Scope, organisation_id: int) -> bool:
    """Whether somebody is of the tiers that approve or lock there."""
    return scope.may_at(APPROVE, organisation_id) or scope.may_at(LOCK, organisation_id)


def remind(due: Iterable[Due], *, by: User, scope: Scope, key: str) -> Reminded:
    """Remind everybody who holds one of some sheets, nobody of the same sheet oftener than once an hour."""
    done = Reminded()
    for one in due:
        if not may_remind(scope, one.organisation.pk):
            continue
        if one.case is not None:
            _of_case(one, done, by=by, key=key)
        elif not one.clerks:
            done.nobody.append(one.organisation.name)
        else:
            _of_clerks(one, done, by=by)
    return done


def _of_case(one: Due, done: Reminded, *, by: User, key: str) -> None:
    assert one.case is not None
    try:
        names = approvals.remind(one.case.pk, by=by, key=f"{key[:40]}:{one.case.pk}")
    except TooSoon:
        done.too_soon += 1
    except ApprovalError as error:
        done.refused.append(f"{one.organisation.name}: {error}")
    else:
        done.sheets += 1
        done.names += [name for name in names if name not in done.names]


def _of_clerks(one: Due, done: Reminded, *, by: User) -> None:
    """A notice. Its key holds the hour: the same sheet is told of once in it, whoever reminds."""
    hour = clock.now().strftime("%Y%m%d%H")
    told = tell(
        [User(pk=clerk) for clerk, _name in one.clerks],
        "filing.reminded",
        REMINDED,
        url=one.url,
        key=f"r:{one.form.code[:24]}:{one.organisation.pk}:{one.period.code}:{hour}",
        by=by.name,
        form_zh=one.form.name_zh,
        form_en=one.form.name_en,
        organisation_zh=one.organisation.name_zh or one.organisation.name_en,
        organisation_en=one.organisation.name_en or one.organisation.name_zh,
        period=one.period.code,
    )
    if not told:
        done.too_soon += 1
        return
    done.sheets += 1
    done.names += [name for _clerk, name in one.clerks if name not in done.names]
