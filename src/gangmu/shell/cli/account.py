"""gangmu account: the first accounts, made by the operator, and what only an operator can put right."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from gangmu.shell.cli.directories import directory_command
from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _


@click.group()
def account_command() -> None:
    """Make accounts and give roles; passwords, locks, factors, certificates and the policy of signing in."""


account_command.add_command(directory_command, "directory")


@contextmanager
def _working() -> Iterator[None]:
    """The system's connection, one transaction, and refusals in one line."""
    with session("system"):
        from django.core.exceptions import ValidationError
        from django.db import transaction

        try:
            with transaction.atomic():
                yield
        except ValidationError as problem:
            raise click.ClickException("; ".join(problem.messages)) from problem


def _user(username: str) -> Any:
    from gangmu.foundation.accounts.models import User

    found = User.objects.filter(username=username).first()
    if found is None:
        raise click.ClickException(_("There is no user “%(user)s”.") % {"user": username[:80]})
    return found


def _note(kind: str, user: Any = None, **data: Any) -> None:
    from gangmu.foundation.records.services import note

    note(kind, subject=user, organisation=user.organisation if user else None, data=data)


def _new_password() -> str:
    return os.environ.get("GANGMU_NEW_PASSWORD") or click.prompt(
        "Password 密码", hide_input=True, confirmation_prompt=True
    )


@account_command.command()
@click.argument("username")
@click.option("--name", default="", help="The person's name.")
@click.option("--organisation", default="", metavar="CODE", help="Where the person works.")
@click.option("--role", default="", metavar="CODE", help="A role to give at --at (or the organisation).")
@click.option("--at", default="", metavar="CODE", help="The organisation at which the role holds.")
@click.option("--email", default="", help="Where codes are sent.")
def create(username: str, name: str, organisation: str, role: str, at: str, email: str) -> None:
    """Make an account. The password is asked for, or read from GANGMU_NEW_PASSWORD; its owner must change it."""
    password = _new_password()
    with _working():
        from gangmu.foundation.access.models import Assignment, Role
        from gangmu.foundation.accounts.services import create_user
        from gangmu.foundation.parties.models import Organisation

        home = _the(Organisation, organisation) if organisation else None
        user = create_user(username, password, name=name, organisation=home, email=email)
        if role:
            place = _the(Organisation, at or organisation)
            Assignment.objects.create(user=user, role=_the(Role, role), organisation=place)
        _note("accounts.created", user, role=role)
    click.echo(f"{username} created 已创建")


@account_command.command()
@click.argument("username")
def password(username: str) -> None:
    """Give an account another password, which its owner must change. Its sessions end."""
    new = _new_password()
    with _working():
        from gangmu.foundation.accounts.services import give_password

        user = _user(username)
        give_password(user, new)
        _note("accounts.password-given", user)
    click.echo(f"{username}: password given 已重置密码")


@account_command.command()
@click.argument("username")
def unlock(username: str) -> None:
    """Let somebody try again who failed too often."""
    with _working():
        from gangmu.foundation.accounts import services

        user = _user(username)
        services.unlock(user)
        _note("accounts.unlocked", user)
    click.echo(f"{username} unlocked 已解锁")


@account_command.command()
@click.argument("username")
def disable(username: str) -> None:
    """Switch an account off; its sessions end."""
    with _working():
        from gangmu.foundation.accounts import services

        user = _user(username)
        services.disable(user)
        _note("accounts.disabled", user)
    click.echo(f"{username} disabled 已停用")


@account_command.command()
@click.argument("username")
def enable(username: str) -> None:
    """Switch an account on again, also one that was dormant."""
    with _working():
        from gangmu.foundation.accounts import services

        user = _user(username)
        services.enable(user)
        _note("accounts.enabled", user)
    click.echo(f"{username} enabled 已启用")


@account_command.command()
@click.argument("username")
@click.option("--email", help="Where codes are sent.")
@click.option("--phone", help="Where codes are sent by message.")
@click.option("--until", metavar="DAY", help="The first day on which the account is no longer good; empty for none.")
def change(username: str, email: str | None, phone: str | None, until: str | None) -> None:
    """Change how a person is reached, and how long the account is good."""
    with _working():
        user = _user(username)
        if email is not None:
            user.email = email
        if phone is not None:
            user.phone = phone
        if until is not None:
            user.valid_to = until or None
        user.full_clean()
        user.save()
    click.echo(f"{username} changed 已修改")


@account_command.command()
@click.argument("username")
def forget_factors(username: str) -> None:
    """Remove authenticator, passkeys and recovery codes of somebody who has lost them all. Their sessions end."""
    with _working():
        from gangmu.foundation.accounts import services
        from gangmu.foundation.accounts.models import Passkey, RecoveryCode, Totp

        user = _user(username)
        for model in (Totp, Passkey, RecoveryCode):
            model.objects.filter(user=user).delete()
        services.end_sessions(user)
        _note("accounts.factor-removed", user, factor="all")
    click.echo(f"{username}: factors removed 已清除认证因素")


@account_command.command()
@click.argument("username")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bind(username: str, file: Path) -> None:
    """Let a client certificate (PEM) stand for an account."""
    with _working():
        from cryptography import x509

        from gangmu.foundation.accounts.factors import certificates

        try:
            bound = certificates.bind(_user(username), x509.load_pem_x509_certificate(file.read_bytes()))
        except ValueError as problem:
            raise click.ClickException(_("%(file)s holds no certificate in PEM.") % {"file": file}) from problem
        except certificates.Refused as problem:
            raise click.ClickException(_("The certificate is refused: %(why)s.") % {"why": problem.why}) from problem
        _note("accounts.factor-added", bound.user, factor="certificate", subject=bound.subject, serial=bound.serial)
    click.echo(f"{username}: {bound.subject}")


@account_command.command()
@click.option("--from", "first", metavar="DAY", help="The day from which the changed rules hold; tomorrow if left out.")
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="A rule to change, such as min_length=12.")
def policy(first: str | None, changes: tuple[str, ...]) -> None:
    """Show the rules of signing in, or change them from a day on. Those of the third level cannot be undercut."""
    with _working():
        from datetime import date, timedelta

        from gangmu.foundation.accounts.models import FLOORS, Policy
        from gangmu.foundation.settings import clock

        if changes:
            try:
                day = date.fromisoformat(first) if first else clock.today() + timedelta(days=1)
            except ValueError as problem:
                raise click.ClickException(_("“%(day)s” is no day such as 2026-11-20.") % {"day": first}) from problem
            if day < clock.today():
                raise click.ClickException(_("Rules change from today on, not in the past."))
            new = Policy.of(day)
            if new.valid_from != day:
                new.pk, new.valid_from = None, day
                new._state.adding = True
            for one in changes:
                name, _equals, value = one.partition("=")
                if name in FLOORS and value.isdecimal():
                    setattr(new, name, int(value))
                elif name == "second_factor":
                    new.second_factor = value
                elif name == "second_factor_roles":
                    new.second_factor_roles = [role for role in value.split(",") if role]
                else:
                    raise click.ClickException(_("“%(rule)s” is no rule with a value.") % {"rule": one[:80]})
            new.full_clean()
            new.save()
            _note("accounts.policy-set", None, valid_from=str(day), rules=list(changes))
        for held in Policy.objects.filter(valid_from__gte=Policy.of().valid_from).order_by("valid_from"):
            click.echo(str(held.valid_from))
            for name, (lowest, highest) in FLOORS.items():
                click.echo(f"  {name} = {getattr(held, name)}  ({lowest}–{highest})")
            click.echo(f"  second_factor = {held.second_factor}")
            click.echo(f"  second_factor_roles = {','.join(held.second_factor_roles)}")


def _the(model: Any, code: str) -> Any:
    """The object with this code, or a clear refusal."""
    found = model.objects.filter(code=code).first()
    if found is None:
        raise click.ClickException(
            _("There is no %(what)s “%(code)s”.") % {"what": model._meta.verbose_name, "code": code[:80]}
        )
    return found
