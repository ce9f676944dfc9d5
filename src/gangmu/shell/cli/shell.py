"""gangmu shell: Python with the product loaded, as the system role."""

import click

from gangmu.shell.cli.session import session


@click.command()
@click.option("--command", "-c", default="", help="Run this and leave.")
def shell_command(command: str) -> None:
    """A Python prompt with the product loaded. What it changes is recorded like everything else."""
    with session("system"):
        if command:
            exec(compile(command, "<command>", "exec"), {})  # noqa: S102 (the operator's own words)
            return
        import code

        code.interact(banner="Gangmu shell", local={})
