"""gangmu shell: Python with the product loaded, as the system role."""

import traceback

import click

from gangmu.shell.cli.session import session


@click.command()
@click.option("--command", "-c", default="", help="Run this and leave.")
def shell_command(command: str) -> None:
    """A Python prompt with the product loaded. What it changes is recorded like everything else."""
    with session("system"):
        if command:
            try:
                exec(compile(command, "<command>", "exec"), {})  # noqa: S102 (the operator's own words)
            except Exception as problem:
                # without the frames above the operator's own
                own = problem.__traceback__.tb_next if problem.__traceback__ else None
                traceback.print_exception(problem.with_traceback(own))
                raise click.exceptions.Exit(1) from problem
            return
        import code

        code.interact(banner="Gangmu shell", local={})
