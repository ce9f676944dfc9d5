"""Taking over what the lines of a file say, in the caller's transaction: all of it, or the good lines."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from psycopg.types.range import DateRange

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts import managing
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Appointment, Contact, Organisation, Post
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.shell.people.loading.checking import Holding, Judged, Outcome


@dataclass
class Taken:
    """What a file came to: user names, and for new accounts name, place and one-time password."""

    created: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)
    left_out: int = 0
    passwords: list[tuple[str, str, str, str]] = field(default_factory=list)

    def told(self) -> dict[str, int]:
        """In numbers of people; whoever is new is not changed besides."""
        changed = self.changed - set(self.created)
        unchanged = self.unchanged - changed - set(self.created)
        return {
            "created": len(self.created),
            "changed": len(changed),
            "unchanged": len(unchanged),
            "left_out": self.left_out,
        }


@dataclass
class _Work:
    scope: Scope
    by: User | None
    by_mail: bool
    request: HttpRequest | None
    taken: Taken = field(default_factory=Taken)
    accounts: dict[str, User] = field(default_factory=dict)
    posts: dict[tuple[int, str], Post] = field(default_factory=dict)

    def writes_parties(self, place: Organisation | None) -> bool:
        return place is not None and (self.scope.everything or place.pk in self.scope.changeable("parties"))


def take_over(
    judged: list[Judged],
    scope: Scope,
    *,
    by: User | None,
    by_mail: bool,
    advance: Callable[[], Any] = lambda: None,
    request: HttpRequest | None = None,
) -> Taken:
    """Write the lines without faults; an event for every account that becomes another."""
    work = _Work(scope, by, by_mail, request)
    for one in judged:
        if one.outcome is Outcome.ERROR:
            work.taken.left_out += 1
        else:
            _one(one, work)
        advance()
    return work.taken


def _one(one: Judged, work: _Work) -> None:
    account = work.accounts.get(one.username) or one.account
    if account is None:
        account = _create(one, work)
    elif one.outcome is Outcome.CHANGED:
        _change(one, account, work)
        work.taken.changed.add(one.username)
    else:
        work.taken.unchanged.add(one.username)
    work.accounts[one.username] = account
    if one.holding is not None:
        _hold(one.holding, _contact(one, account, work), work)


def _create(one: Judged, work: _Work) -> User:
    account = User(username=one.username, **one.values)
    if work.writes_parties(account.organisation):
        account.contact = _known_contact(account) or _new_contact(account, one.names)
    password = managing.create(account)
    work.taken.created.append(one.username)
    _note(work, "accounts.created", account, handing="mail" if work.by_mail else "sheet")
    if work.by_mail:
        managing.send_one_time(account, password)
    else:
        place = account.organisation
        work.taken.passwords.append((account.username, account.name, place.name if place else "", password))
    return account


def _change(one: Judged, account: User, work: _Work) -> None:
    changed = managing.change(account, one.values)
    if changed:
        _note(work, "accounts.changed", account, changed=changed)
    contact = account.contact
    if contact is None or not work.writes_parties(contact.organisation):
        return
    values = {"phone": account.phone, "email": account.email, "name_en": one.names["name_en"]}
    if one.names["name_zh"]:
        values["name_zh"] = one.names["name_zh"]
    if "organisation" in one.values and work.writes_parties(account.organisation):
        values["organisation"] = account.organisation  # type: ignore[assignment]
    new = {name: value for name, value in values.items() if value and value != getattr(contact, name)}
    for name, value in new.items():
        setattr(contact, name, value)
    if new:
        contact.save(update_fields=list(new))


def _known_contact(account: User) -> Contact | None:
    """A person who is recorded at the organisation already, reached in the same way, and has no account yet."""
    rows = Contact.objects.filter(organisation=account.organisation, valid__contains=clock.today())
    free = rows.exclude(pk__in=User.objects.filter(contact__isnull=False).values("contact"))
    for row in free.filter(name_zh=account.name) | free.filter(name_en=account.name):
        if (account.phone and account.phone in (row.phone, row.mobile)) or (
            account.email and account.email == row.email
        ):
            return row
    return None


def _new_contact(account: User, names: dict[str, str]) -> Contact | None:
    """The person behind an account; nobody who cannot be reached."""
    if not (account.phone or account.email):
        return None
    return Contact.objects.create(
        organisation=account.organisation,
        name_zh=names["name_zh"] or ("" if names["name_en"] else account.name),
        name_en=names["name_en"],
        phone=account.phone,
        email=account.email,
        valid=DateRange(clock.today(), None),
    )


def _contact(one: Judged, account: User, work: _Work) -> Contact:
    if account.contact is None:
        account.contact = _known_contact(account) or _new_contact(account, one.names)
        managing.set_contact(account)
    assert account.contact is not None, "whoever holds a post can be reached"
    return account.contact


def _hold(holding: Holding, contact: Contact, work: _Work) -> None:
    valid = DateRange(holding.start, holding.end)
    if holding.held is not None:
        holding.held.valid = valid
        holding.held.save(update_fields=["valid"])
        return
    Appointment.objects.create(
        organisation=holding.organisation, post=_post(holding, work), contact=contact, role=holding.part, valid=valid
    )


def _post(holding: Holding, work: _Work) -> Post:
    """The post, made when it is new; several lines may name the same."""
    if holding.post is not None:
        return holding.post
    key = (holding.organisation.pk, holding.called)
    if key not in work.posts:
        english = holding.called.isascii()
        work.posts[key] = Post.objects.create(
            organisation=holding.organisation,
            code=holding.called,
            name_zh="" if english else holding.called,
            name_en=holding.called if english else "",
            valid=DateRange(holding.start, None),
        )
    return work.posts[key]


def _note(work: _Work, kind: str, account: User, **data: Any) -> None:
    note(
        kind,
        by=work.by,
        subject=account,
        organisation=account.organisation,
        data={"username": account.username, "from": "file", **data},
        request=work.request,
    )
