"""gangmu audit: the sealed record."""

import json

import click

from gangmu.shell.cli.session import session


@click.group()
def audit_command() -> None:
    """Verify and seal the record of what happened."""


@audit_command.command()
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON.")
def verify(as_json: bool) -> None:
    """Recompute every seal and compare history with what stands. Exit code 1 when anything was tampered with."""
    with session("owner"):
        from gangmu.foundation.records.verify import verify as verify_records

        report = verify_records()
        if as_json:
            click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
        else:
            for line in report.lines():
                click.echo(line)
    raise click.exceptions.Exit(0 if report.ok else 1)


@audit_command.command()
def seal() -> None:
    """Seal what has happened since the last seal."""
    with session("system"):
        from gangmu.foundation.records.chain import ChainBroken
        from gangmu.foundation.records.chain import seal as seal_records

        try:
            sealed = seal_records()
        except ChainBroken as broken:
            raise click.ClickException(f"{broken}. gangmu audit verify") from broken
        click.echo(f"seal {sealed.number} 已封存" if sealed else "nothing new to seal 无新增记录")


@audit_command.command("check-export")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--seals", type=click.Path(exists=True, dir_okay=False), help="A copy of seals.log to compare with.")
def check_export_command(file: str, seals: str | None) -> None:
    """Check an export of the record against the seals that came with it. Needs no database; exit code 1 for faults."""
    from gangmu.foundation.records.export import check_export

    raise click.exceptions.Exit(check_export.main([file, *(["--seals", seals] if seals else [])]))
