"""Notices: who is asked next, what became of what one asked for. One notice for many cases of one act."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_noop as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import subjects
from gangmu.foundation.approvals.actions import Action, CaseState
from gangmu.foundation.approvals.engine.allowed import holders
from gangmu.foundation.approvals.loading import place_of
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.people import People
from gangmu.foundation.approvals.services.keys import occasion
from gangmu.foundation.approvals.services.writing import Move
from gangmu.foundation.notices import services as notices

# The title stands in each language under a name of its own: a translation takes the one of its language.
WAITS = _("%(title_en)s waits for your decision.")
WAIT_MANY = _("%(count)s cases wait for your decision.")
ASKED = _("%(by)s asks you about %(title_en)s: %(question)s")
RETURNED = _("%(by)s returned %(title_en)s: %(reason)s")
APPROVED = _("%(title_en)s has passed all nodes.")
APPROVED_MANY = _("%(count)s of your submissions have passed all nodes.")
REMINDED = _("%(by)s reminds you: %(title_en)s waits for you. %(words)s")
REMINDED_MANY = _("%(by)s reminds you: %(count)s cases wait for you. %(words)s")


def titles(cases: Sequence[Case]) -> dict[int, dict[str, str]]:
    """The titles of cases' subjects in both languages, for a notice's params."""
    found: dict[int, dict[str, str]] = {case.pk: {} for case in cases}
    for language, name in (("zh-hans", "title_zh"), ("en", "title_en")):
        with translation.override(language):
            loaded = subjects.load(cases)
            for case in cases:
                subject = loaded.get(case.pk)
                found[case.pk][name] = subject.title if subject else str(subjects.kind_of(case.kind).label)
    return found


def to_each(wanted: dict[int, list[Case]], kind: str, one: str, many: str, key: str, **params: Any) -> None:
    """Tell each person of their cases: of one by its title, of several by their number."""
    single = {cases[0].pk: cases[0] for cases in wanted.values() if len(cases) == 1}
    named = titles(list(single.values())) if single else {}
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for user, cases in wanted.items():
        groups[tuple(sorted(case.pk for case in cases))].append(user)
    for ids, users in groups.items():
        people = [User(pk=user) for user in users]
        if len(ids) == 1:
            url = reverse("approvals:case", args=[ids[0]])
            notices.tell(people, kind, one, url=url, key=f"{key}:{ids[0]}", **params, **named[ids[0]])
        else:
            url = reverse("approvals:bulk")
            notices.tell(people, kind, many, url=url, key=f"{key}:{ids[0]}+{len(ids)}", **params, count=len(ids))


def whom_to_tell(user: int, people: People) -> list[int]:
    """Somebody, and who stands in for them when they are away."""
    return [user, *people.stand_ins(user)]


def tell_of(moves: Sequence[Move], people: People, by: User, key: str) -> None:
    """Tell everybody whom moves concern, never who made them."""
    waiting: dict[int, dict[int, Case]] = defaultdict(dict)
    ended: dict[int, list[Case]] = defaultdict(list)
    for move in moves:
        if move.decision.action == Action.CONSULT:
            _tell_consulted(move, people)
            continue
        for row in move.opened:
            for holder in holders(move.after, place_of(row), people):
                for user in whom_to_tell(holder, people):
                    if user != by.pk:
                        waiting[user][move.case.pk] = move.case
        if move.after.state in (CaseState.APPROVED, CaseState.ACKNOWLEDGED):
            ended[move.case.requested_by_id].append(move.case)
        if move.after.state == CaseState.RETURNED:
            _tell_returned(move, people)
    if waiting:
        told = {user: list(cases.values()) for user, cases in waiting.items()}
        to_each(told, "approvals.waiting", WAITS, WAIT_MANY, occasion("w", key, by.pk))
    if ended:
        to_each(ended, "approvals.ended", APPROVED, APPROVED_MANY, occasion("e", key, by.pk))


def _tell(case: Case, users: Iterable[int], kind: str, text: str, key: str, **params: Any) -> None:
    notices.tell(
        [User(pk=user) for user in users],
        kind,
        text,
        url=reverse("approvals:case", args=[case.pk]),
        key=f"{key}:{case.pk}:{case.decisions_count}",
        **params,
        **titles([case])[case.pk],
    )


def _tell_consulted(move: Move, people: People) -> None:
    who, by = move.decision.person_id, move.decision.decided_by_name
    if who is not None:
        _tell(
            move.case, whom_to_tell(who, people), "approvals.consulted", ASKED, "c", by=by, question=move.decision.words
        )


def _tell_returned(move: Move, people: People) -> None:
    requester, by = move.case.requested_by_id, move.decision.decided_by_name
    users = whom_to_tell(requester, people)
    _tell(move.case, users, "approvals.returned", RETURNED, "r", by=by, reason=move.decision.reason)
