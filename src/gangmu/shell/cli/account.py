"""gangmu account: the first accounts, made by the operator."""

import os
from typing import Any

import click

from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _


@click.group()
def account_command() -> None:
    """Make accounts and give roles; the pages of the back office do the rest."""


@account_command.command()
@click.argument("username")
@click.option("--name", default="", help="The person's name.")
@click.option("--organisation", default="", metavar="CODE", help="Where the person works.")
@click.option("--role", default="", metavar="CODE", help="A role to give at --at (or the organisation).")
@click.option("--at", default="", metavar="CODE", help="The organisation at which the role holds.")
def create(username: str, name: str, organisation: str, role: str, at: str) -> None:
    """Make an account. The password is asked for, or read from GANGMU_NEW_PASSWORD."""
    password = os.environ.get("GANGMU_NEW_PASSWORD") or click.prompt(
        "Password 密码", hide_input=True, confirmation_prompt=True
    )
    with session("system"):
        from django.core.exceptions import ValidationError
        from django.db import transaction

        from gangmu.foundation.access.models import Assignment, Role
        from gangmu.foundation.accounts.services import create_user
        from gangmu.foundation.parties.models import Organisation

        try:
            with transaction.atomic():
                home = _the(Organisation, organisation) if organisation else None
                user = create_user(username, password, name=name, organisation=home)
                if role:
                    place = _the(Organisation, at or organisation)
                    Assignment.objects.create(user=user, role=_the(Role, role), organisation=place)
        except ValidationError as problem:
            raise click.ClickException("; ".join(problem.messages)) from problem
    click.echo(f"{username} created 已创建")


def _the(model: Any, code: str) -> Any:
    """The object with this code, or a clear refusal."""
    found = model.objects.filter(code=code).first()
    if found is None:
        raise click.ClickException(
            _("There is no %(what)s “%(code)s”.") % {"what": model._meta.verbose_name, "code": code[:80]}
        )
    return found
