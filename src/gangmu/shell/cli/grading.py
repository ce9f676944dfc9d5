"""gangmu grade SCHEME: the calculation from the shipped schemes; needs no database."""

import json
from functools import cache
from typing import Any

import click

from gangmu.business.grading import schemes as shipped_schemes
from gangmu.duties.grading.calculating import Outcome, grade
from gangmu.duties.grading.errors import UnknownScheme
from gangmu.duties.grading.scheme import Words
from gangmu.duties.grading.shipped import schemes, shipped
from gangmu.foundation.settings.language import wanted
from gangmu.shell.cli.words import in_words
from gangmu.shell.cli.words import text as _


class Schemes(click.Group):
    """A command for each shipped scheme, with an option for each of its factors."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        shipped_schemes.register()
        return list(schemes())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        shipped_schemes.register()
        return in_words(_command(shipped(cmd_name).code, wanted()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except UnknownScheme as error:
            raise click.UsageError(str(error), ctx) from error


@click.group(cls=Schemes)
def grade_command() -> None:
    """Grade a system by a scheme, step by step: HS/T-42, JR/T-0133, GB/T-22240."""


@cache  # `in_words` knows commands by their id: they live as long as we do
def _command(code: str, language: str) -> click.Command:
    scheme = shipped(code)
    options = [
        click.Option([f"--{factor.replace('_', '-')}", factor], metavar="|".join(scale.levels), help=_said(scale.title))
        for factor, scale in scheme.factors.items()
    ]
    as_json = click.Option(["--json", "as_json"], is_flag=True, help="Print JSON.")

    def run(as_json: bool, **factors: str | None) -> None:
        outcome = grade(scheme, factors)
        click.echo(json.dumps(outcome.as_json(), ensure_ascii=False) if as_json else _told(outcome))

    return click.Command(
        scheme.code, params=[*options, as_json], callback=run, help=f"{scheme.number} {_said(scheme.title)}"
    )


def _said(words: Words) -> str:
    """In the language wanted of commands, also where Django is there and speaks another."""
    return words.en if wanted() == "en" else words.zh


def _told(outcome: Outcome) -> str:
    """The steps, one a line, and the result."""
    scheme = outcome.scheme
    sources: dict[str, Any] = {"printed": _("printed"), "house": _("house rule, not from the standard")}
    lines = []
    for step in outcome.steps:
        parts = " × ".join(
            f"{_said(scheme.scale(one).title)} {_said(scheme.scale(one).levels[level])}"
            for one, level in step.of.items()
        )
        made = scheme.scale(step.gives)
        source = f"{sources[step.source]} {step.clause}".strip()
        lines.append(f"{parts} → {_said(made.title)} {_said(made.levels[step.level])}  ({source})")
    lines.append(
        f"{_said(scheme.result.title)}: {_said(scheme.result.levels[outcome.result])}  ({sources[outcome.source]})"
    )
    if scheme.unverified:
        lines.append(_said(scheme.unverified))
    return "\n".join(lines)
