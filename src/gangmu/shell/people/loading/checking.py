"""What the lines of a file would change, compared with what is recorded: nothing is written here.

A blank field changes nothing. A line whose person, post and days are recorded already changes nothing either, so that
a file can be given twice.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts import managing
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.workbooks.tables import Line
from gangmu.foundation.parties.loading import values
from gangmu.foundation.parties.models import Appointment, Organisation, Post
from gangmu.foundation.parties.models.people import HolderRole
from gangmu.foundation.settings import clock

TELEPHONE = re.compile(r"^\+?[0-9][0-9 ()/-]{4,30}$")
PARTS = {
    "": HolderRole.PRIMARY,
    **dict.fromkeys(("primary", "主", "主岗", "主责"), HolderRole.PRIMARY),
    **dict.fromkeys(("backup", "备", "备岗", "候补"), HolderRole.BACKUP),
}


class Outcome(StrEnum):
    """What a line comes to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass
class Holding:
    """A post that a line gives its person: of an organisation, by code or name, for days."""

    organisation: Organisation
    post: Post | None  # None: to be made
    called: str
    part: str
    start: date
    end: date | None  # exclusive
    held: Appointment | None = None


@dataclass
class Judged:
    """One line, judged. `changes` are (field, before, after) in words of the file; `values` what goes in."""

    line: Line
    outcome: Outcome = Outcome.UNCHANGED
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    account: User | None = None
    values: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    holding: Holding | None = None

    def fault(self, column: str, message: str) -> None:
        self.faults.append((column, message))
        self.outcome = Outcome.ERROR

    @property
    def username(self) -> str:
        return self.line.fields["username"]


@dataclass
class World:
    """What is recorded of those whom a file names, as the asker may see it."""

    scope: Scope
    organisations: dict[str, Organisation]
    accounts: dict[str, User]
    taken: set[str]
    managed: set[int]
    guarded: set[int]
    posts: dict[int, list[Post]]
    holders: dict[int, list[Appointment]]

    def may_change_posts(self, organisation: Organisation) -> bool:
        return self.scope.everything or organisation.pk in self.scope.changeable("parties")

    def may_change_accounts(self, organisation: Organisation) -> bool:
        return self.scope.everything or organisation.pk in self.scope.changeable("accounts")


def judge(lines: list[Line], scope: Scope, *, by_mail: bool = False) -> list[Judged]:
    """Every line with what it would change, or what is wrong with it, by column.

    Args:
        by_mail: new accounts get their one-time passwords by mail, and so need an address.
    """
    world = _world(lines, scope)
    judged = [_judge(line, world) for line in lines]
    for one in judged:
        if by_mail and one.account is None and not one.line.fields["mail"]:
            one.fault("mail", _("is blank; the one-time password goes there"))
    _agree(judged)
    _one_primary(judged, world)
    return judged


def counts(judged: Iterable[Judged]) -> dict[str, int]:
    """How many lines come to what."""
    found = {str(outcome): 0 for outcome in Outcome}
    for one in judged:
        found[str(one.outcome)] += 1
    return found


def _world(lines: list[Line], scope: Scope) -> World:
    codes = {line.fields["organisation"] for line in lines}
    names = sorted({line.fields["username"] for line in lines})
    organisations = {str(one.code): one for one in Organisation.objects.filter(code__in=codes)}
    accounts = {
        one.username: one for one in User.objects.select_related("organisation", "contact").filter(username__in=names)
    }
    ids = [one.pk for one in accounts.values()]
    states = managing.states_of(ids)
    posts: dict[int, list[Post]] = defaultdict(list)
    for post in Post.objects.filter(organisation__in=organisations.values()):
        posts[post.organisation_id].append(post)
    holders: dict[int, list[Appointment]] = defaultdict(list)
    rows = Appointment.objects.filter(post__organisation__in=organisations.values()).select_related("contact")
    for row in rows:
        holders[row.post_id].append(row)
    return World(
        scope,
        organisations,
        accounts,
        managing.taken([name for name in names if name not in accounts]),
        set(ids) if scope.everything else managing.managed(ids),
        {pk for pk, state in states.items() if state["guarded"]} if not scope.everything else set(),
        posts,
        holders,
    )


def _judge(line: Line, world: World) -> Judged:
    one = Judged(line, account=world.accounts.get(line.fields["username"]))
    for column, message in line.faults:
        one.fault(column, message)
    _who(one, world)
    place = _where(one, world)
    _reached(one, world)
    _until(one)
    if place is not None:
        _post(one, place, world)
    if one.faults:
        one.outcome = Outcome.ERROR
    elif one.account is None:
        one.outcome = Outcome.NEW
    elif one.changes:
        one.outcome = Outcome.CHANGED
    return one


def _who(one: Judged, world: World) -> None:
    given, account = one.line.fields, one.account
    if not given["username"]:
        one.fault("username", _("is blank; every line names an account"))
    else:
        try:
            User._meta.get_field("username").clean(given["username"], None)
        except ValidationError as problem:
            one.fault("username", " ".join(problem.messages))
    if account is not None and account.pk not in world.managed:
        one.fault("username", _("is an account that you may not change"))
    elif account is None and given["username"] in world.taken:
        one.fault("username", _("is taken by an account outside your branch; choose another"))
    for column in ("name_zh", "name_en"):
        if len(given[column]) > 80:
            one.fault(column, _("is longer than %(most)d characters") % {"most": 80})
        one.names[column] = given[column]
    name = given["name_zh"] or given["name_en"]
    if account is None and not name:
        one.fault("name_zh", _("is blank; a person needs a Chinese or an English name"))
    elif account is None:
        one.values["name"] = name
        one.changes.append(("name_zh", "", name))
    elif name and name != account.name and given["name_zh"]:
        _change(one, "name_zh", "name", account.name, name)
    if account is not None and account.contact is not None and given["name_en"] not in ("", account.contact.name_en):
        one.changes.append(("name_en", account.contact.name_en, given["name_en"]))


def _change(one: Judged, column: str, name: str, before: Any, after: Any, shown: tuple[str, str] | None = None) -> None:
    one.values[name] = after
    one.changes.append((column, *(shown or (str(before or ""), str(after)))))


def _where(one: Judged, world: World) -> Organisation | None:
    code = one.line.fields["organisation"]
    if not code:
        one.fault("organisation", _("is blank; write the code of the organisation"))
        return None
    place = world.organisations.get(code)
    if place is None:
        one.fault("organisation", _("“%(code)s” is no organisation that you may see") % {"code": code[:64]})
        return None
    if not world.may_change_accounts(place):
        one.fault("organisation", _("is not in the branch whose accounts you change"))
        return None
    if one.account is None:
        one.values["organisation"] = place
        one.changes.append(("organisation", "", str(place.code)))
    elif one.account.organisation_id != place.pk:
        before = one.account.organisation
        _change(
            one, "organisation", "organisation", before, place, (str(before.code) if before else "", str(place.code))
        )
    return place


def _reached(one: Judged, world: World) -> None:
    given, account = one.line.fields, one.account
    for column, name in (("telephone", "phone"), ("mail", "email")):
        text = given[column]
        if not text:
            continue
        if column == "telephone" and not TELEPHONE.match(text):
            one.fault(
                column, _("“%(text)s” is no telephone number; write digits, such as 13800001234") % {"text": text[:40]}
            )
            continue
        if column == "mail":
            try:
                validate_email(text)
            except ValidationError:
                one.fault(column, _("“%(text)s” is no e-mail address, such as name@example.com") % {"text": text[:80]})
                continue
        before = getattr(account, name) if account else ""
        if before == text:
            continue
        if account is not None and account.pk in world.guarded:
            one.fault(column, _("is not changed here: the account holds a part of security or audit"))
            continue
        _change(one, column, name, before, text)


def _day(one: Judged, column: str) -> date | None:
    text = one.line.fields[column]
    if not text:
        return None
    try:
        return values.day(text)
    except values.Fault as fault:
        one.fault(column, fault.text)
        return None


def _until(one: Judged) -> None:
    first, last = _day(one, "valid_from"), _day(one, "valid_to")
    if first and last and last < first:
        one.fault("valid_to", _("is before valid_from"))
    if last is None:
        return
    end, account = last + timedelta(days=1), one.account
    if account is None and end <= clock.today():
        one.fault("valid_to", _("is over; a new account would never be used"))
    elif account is None or account.valid_to != end:
        before = str(account.valid_to - timedelta(days=1)) if account and account.valid_to else ""
        _change(one, "valid_to", "valid_to", before, end, (before, str(last)))


def _post(one: Judged, place: Organisation, world: World) -> None:
    given = one.line.fields
    part = PARTS.get(given["part"].lower())
    if part is None:
        one.fault("part", _("“%(text)s” is neither primary nor backup") % {"text": given["part"][:40]})
        return
    called = given["post"]
    if not called:
        if given["part"]:
            one.fault("post", _("is blank, and yet the line says primary or backup"))
        return
    if len(called) > 64:
        one.fault("post", _("is longer than %(most)d characters") % {"most": 64})
        return
    if not world.may_change_posts(place):
        one.fault("post", _("is not yours to give: you do not change the posts of this organisation"))
        return
    if not _reachable(one):
        one.fault("telephone", _("is blank; who holds a post needs a telephone number or an e-mail address"))
        return
    posts = world.posts.get(place.pk, [])
    post = next((row for row in posts if called in (row.code, row.name_zh, row.name_en)), None)
    first, last = _plain(given["valid_from"]), _plain(given["valid_to"])
    holding = Holding(place, post, called, part, first or clock.today(), last + timedelta(days=1) if last else None)
    _compare(one, holding, world, bool(first), bool(last))


def _compare(one: Judged, holding: Holding, world: World, says_first: bool, says_last: bool) -> None:
    """Whether the person holds the post already, and with which days."""
    contact = one.account.contact_id if one.account else None
    if holding.post is not None and contact is not None:
        for row in world.holders.get(holding.post.pk, []):
            same = row.contact_id == contact and row.role == holding.part
            if same and (row.valid.upper is None or row.valid.upper > holding.start):
                holding.held = row
                break
    if holding.held is None:
        one.holding = holding
        words = holding.called if holding.post else _("%(post)s (a new post)") % {"post": holding.called}
        one.changes.append(("post", "", words))
        return
    held = holding.held.valid
    holding.start = holding.start if says_first else held.lower
    holding.end = holding.end if says_last else held.upper
    if (holding.start, holding.end) != (held.lower, held.upper):
        one.holding = holding
        before, after = (_days(held.lower, held.upper), _days(holding.start, holding.end))
        one.changes.append(("post", before, after))


def _days(start: date | None, end: date | None) -> str:
    return f"{start or ''} … {end - timedelta(days=1) if end else ''}"


def _plain(text: str) -> date | None:
    try:
        return values.day(text) if text else None
    except values.Fault:
        return None


def _reachable(one: Judged) -> bool:
    given, account = one.line.fields, one.account
    return bool(given["telephone"] or given["mail"] or (account and (account.phone or account.email)))


def _agree(judged: list[Judged]) -> None:
    """Lines of one person say the same of them; each may name another post."""
    first: dict[str, Judged] = {}
    posts: dict[tuple[str, str, str, str], int] = {}
    same = ("name_zh", "name_en", "organisation", "telephone", "mail", "valid_to")
    for one in judged:
        if not one.username:
            continue
        key = (one.username, one.line.fields["organisation"], one.line.fields["post"], one.line.fields["part"])
        if key in posts:
            one.fault("username", _("is the same as line %(line)d") % {"line": posts[key]})
            continue
        posts[key] = one.line.number
        before = first.setdefault(one.username.lower(), one)
        if before is one:
            continue
        if before.username != one.username:
            one.fault("username", _("differs from line %(line)d in capitals alone") % {"line": before.line.number})
        for column in same:
            if one.line.fields[column] and one.line.fields[column] != before.line.fields[column]:
                one.fault(column, _("is not as in line %(line)d of the same person") % {"line": before.line.number})
        if one.outcome is Outcome.NEW:  # the account is made by the first line
            one.outcome = Outcome.CHANGED if one.holding else Outcome.UNCHANGED
            one.changes = [change for change in one.changes if change[0] == "post"]


def _one_primary(judged: list[Judged], world: World) -> None:
    """A post has one primary holder a day, and nobody holds it twice."""
    given: dict[tuple[int, str], list[Judged]] = defaultdict(list)
    for one in judged:
        if one.holding is None or one.outcome is Outcome.ERROR:
            continue
        holding = one.holding
        post = holding.post.code if holding.post else holding.called
        others = world.holders.get(holding.post.pk, []) if holding.post else []
        contact = one.account.contact_id if one.account else None
        for row in others:
            own = row.contact_id == contact
            if row == holding.held or not (own or row.role == holding.part == HolderRole.PRIMARY):
                continue
            if _overlap(row.valid.lower, row.valid.upper, holding.start, holding.end):
                words = {"who": row.contact.name, "days": _days(row.valid.lower, row.valid.upper)}
                one.fault("post", _("is held by %(who)s (%(days)s); end that first, or write backup") % words)
                break
        for before in given[holding.organisation.pk, post]:
            other = before.holding
            assert other is not None
            if other.part == holding.part == HolderRole.PRIMARY and _overlap(
                other.start, other.end, holding.start, holding.end
            ):
                one.fault("post", _("has a primary holder in line %(line)d already") % {"line": before.line.number})
                break
        given[holding.organisation.pk, post].append(one)


def _overlap(a: date | None, b: date | None, c: date | None, d: date | None) -> bool:
    return (b is None or c is None or c < b) and (d is None or a is None or a < d)
