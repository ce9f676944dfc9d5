"""gangmu account directory: by which LDAP directories and providers of OpenID Connect people come in."""

import os
from typing import Any

import click

from gangmu.shell.cli.words import text as _


@click.group()
def directory_command() -> None:
    """Directories (LDAP, OpenID Connect) by which people come in, and whose entries stand for which accounts."""


def _working() -> Any:
    from gangmu.shell.cli.account import _working as working

    return working()


def _note(kind: str, user: Any = None, **data: Any) -> None:
    from gangmu.foundation.records.services import note

    note(kind, subject=user, organisation=user.organisation if user else None, data=data)


def _held(code: str) -> Any:
    from gangmu.foundation.accounts.directories.models import Directory

    found = next((one for one in Directory.on() if one.code == code), None)
    if found is None:
        raise click.ClickException(_("There is no directory “%(code)s” in force today.") % {"code": code[:40]})
    return found


def _user(username: str) -> Any:
    from gangmu.shell.cli.account import _user as user

    return user(username)


@directory_command.command("set")
@click.argument("code")
@click.option("--kind", type=click.Choice(["ldap", "oidc"]), help="What it speaks.")
@click.option("--name-zh", help="Its name on Chinese pages.")
@click.option("--name-en", help="Its name on English pages.")
@click.option("--site", type=click.Choice(["business", "office", "both"]), help="Where one comes in by it.")
@click.option(
    "--arrivals", type=click.Choice(["refuse", "bind", "create"]), help="What becomes of people not bound yet."
)
@click.option("--from", "first", metavar="DAY", help="The day from which this holds; today if left out.")
@click.option("--set", "options", multiple=True, metavar="OPTION=VALUE", help="An option of its kind, such as base=…")
@click.option(
    "--secret", is_flag=True, help="Ask for the product's own password there, or read GANGMU_DIRECTORY_SECRET."
)
def set_directory(first: str | None, code: str, options: tuple[str, ...], secret: bool, **changes: str | None) -> None:
    """Say how a directory is reached; what is not said stays as it was. Its secret is stored encrypted."""
    given = {name: value for name, _equals, value in (one.partition("=") for one in options)}
    text = _secret() if secret else None
    with _working():
        from datetime import date

        from gangmu.foundation.accounts.directories import services
        from gangmu.foundation.settings import clock

        try:
            day = date.fromisoformat(first) if first else clock.today()
        except ValueError as problem:
            raise click.ClickException(_("“%(day)s” is no day such as 2026-11-20.") % {"day": first}) from problem
        if day < clock.today():
            raise click.ClickException(_("Rules change from today on, not in the past."))
        said = {name: value for name, value in changes.items() if value}
        row = services.configure(code, day=day, options=given, secret=text, **said)
        _note(
            "accounts.directory-set", directory=code, valid_from=str(day), options=row.options, secret=text is not None
        )
    click.echo(f"{code}: set 已设置 ({row.valid_from})")


def _secret() -> str:
    return os.environ.get("GANGMU_DIRECTORY_SECRET") or click.prompt("Secret 密钥", hide_input=True)


@directory_command.command("end")
@click.argument("code")
@click.option("--on", "day", metavar="DAY", help="The first day on which it no longer counts; today if left out.")
def end_directory(code: str, day: str | None) -> None:
    """Let nobody come in by a directory any more; its entries stay bound."""
    with _working():
        from datetime import date

        from gangmu.foundation.accounts.directories import services
        from gangmu.foundation.settings import clock

        row = _held(code)
        last = date.fromisoformat(day) if day else clock.today()
        services.end(row, last)
        _note("accounts.directory-ended", directory=code, valid_to=str(last))
    click.echo(f"{code}: ended 已停用 ({last})")


@directory_command.command("show")
def show_directories() -> None:
    """Show the directories in force, without secrets."""
    with _working():
        from gangmu.foundation.accounts.directories.models import Directory, Identity

        for one in Directory.on():
            bound = Identity.objects.filter(directory=one.code).count()
            click.echo(f"{one.code}  {one.kind}  {one.name_zh} / {one.name_en}  {one.site}  {one.arrivals}  {bound}")
            for name, value in sorted(one.options.items()):
                click.echo(f"  {name} = {value}")


@directory_command.command("try")
@click.argument("code")
@click.option("--login", metavar="NAME", help="A name to look for (LDAP).")
def try_directory(code: str, login: str | None) -> None:
    """Ask a directory as the sites do, and say what it answers. Exit code 2 when it does not."""
    with _working():
        from gangmu.foundation.accounts.directories import ldap, oidc
        from gangmu.foundation.accounts.directories.options import Ldap, read, secret_of

        row = _held(code)
        options = read(row.kind, row.options)
        try:
            if isinstance(options, Ldap):
                with ldap.reached(options, secret_of(row)) as session:
                    click.echo(f"{session.address}: answers 有应答")
                    if login:
                        click.echo(str(session.find(login) or _("Nobody has that name.")))
            else:
                metadata, keys = oidc.provider(options, afresh=True)
                click.echo(f"{metadata['issuer']}: answers 有应答, {len(keys.keys)} keys 个密钥")
        except ldap.Away as problem:
            raise click.ClickException(problem.why) from problem
        except ldap.Ambiguous as problem:
            raise click.ClickException(_("Several entries have that name.")) from problem


@directory_command.command("bind")
@click.argument("code")
@click.argument("username")
@click.option("--login", metavar="NAME", help="The entry's name in the directory (LDAP).")
@click.option("--subject", metavar="ID", help="The entry's id; of a provider of OpenID Connect its sub.")
def bind_entry(code: str, username: str, login: str | None, subject: str | None) -> None:
    """Let an entry of a directory stand for an account."""
    if (login is None) == (subject is None):
        raise click.UsageError(_("Give --login or --subject."))
    with _working():
        from gangmu.foundation.accounts.directories import ldap, services
        from gangmu.foundation.accounts.directories.options import Ldap, read, secret_of

        row, user = _held(code), _user(username)
        if login is not None:
            options = read(row.kind, row.options)
            if not isinstance(options, Ldap):
                raise click.ClickException(_("A provider is not searched: give --subject."))
            try:
                with ldap.reached(options, secret_of(row)) as session:
                    entry = session.find(login)
            except (ldap.Away, ldap.Ambiguous) as problem:
                raise click.ClickException(str(problem) or _("Several entries have that name.")) from problem
            if entry is None:
                raise click.ClickException(_("Nobody has that name."))
            subject, login = entry.subject, entry.login
        bound = services.bind(user, row, subject or "", login or "")
        _note("accounts.identity-bound", user, directory=code, subject=bound.subject, login=bound.login)
    click.echo(f"{username}: {code} {bound.subject}")


@directory_command.command("unbind")
@click.argument("code")
@click.argument("username")
def unbind_entry(code: str, username: str) -> None:
    """Let an account's entry stand for it no more; its sessions end."""
    with _working():
        from gangmu.foundation.accounts.directories import services

        user = _user(username)
        gone = services.unbind(user, code)
        _note("accounts.identity-unbound", user, directory=code, subject=gone.subject)
    click.echo(f"{username}: unbound 已解除绑定")


@directory_command.command("follow")
def follow_directories() -> None:
    """Look at once who is switched off in the directories; a worker does so every ten minutes."""
    with _working():
        from gangmu.foundation.accounts.directories.models import Directory
        from gangmu.foundation.accounts.directories.services import follow
        from gangmu.shell.signin.tasks import tell

        for row in Directory.on():
            found = follow(row)
            tell(found)
            said = found.away or ", ".join(f"{user.username} ({why})" for user, why in found.disabled) or "–"
            click.echo(f"{row.code}: {found.asked} · {said}")
