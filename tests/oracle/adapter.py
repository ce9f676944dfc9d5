"""The one file here that knows the product: a world goes in and questions are asked through its command line."""

import contextlib
import csv
import io
import itertools
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded
from gangmu.shell.testing.plugin import HOME, own_database
from oracle.runner import Refused
from oracle.world import AnyQuestion, World, command_of

_NUMBERS = itertools.count(1)


def command(*words: str) -> tuple[int, str, str]:
    """Run `gangmu WORDS` in this process: exit code, standard output, standard error."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code = main(list(words))
        except Exception as problem:
            raise Refused(f"gangmu {' '.join(words[:2])} broke: {type(problem).__name__}: {problem}") from problem
    return code, output.getvalue(), errors.getvalue()


class Gangmu:
    """A world in a fresh database."""

    def __init__(self, world: World, folder: Path) -> None:
        files = world.write(folder)
        self._must("load", "organisations", str(files.organisations))
        if files.categories:
            self._must("load", "categories", str(files.categories))
        for path in files.taxes[:1]:
            self._must("load", "taxes", str(path))
        self._must("load", "indicators", str(files.first_indicators or files.indicators))
        if files.scopes:
            self._must("load", "scopes", str(files.scopes))
        early = len(files.facts) - world.late
        self.refused = []
        for number, (path, reason) in enumerate(files.facts[:early]):
            self.refused.append(self._facts(path, reason))
            if number == 0 and files.first_indicators:
                self._must("load", "indicators", str(files.indicators))
        if files.first_indicators and not early:
            self._must("load", "indicators", str(files.indicators))
        for act in world.closings:
            month = ("--indicator", act.indicator, "--organisation", act.organisation, "--month", act.month)
            self._must("months", "reopen" if act.reopens else "close", *month, "--reason", "month report")
        self.refused += [self._facts(path, reason) for path, reason in files.facts[early:]]
        for path in files.taxes[1:]:
            self._must("load", "taxes", str(path))
        if files.curves:
            self._must("load", "curve-indicators", str(files.curves))
        for path, file in files.curve_files:
            times = ("--times", "start") if file.shape == "start" else ()
            self.refused.append(self._load("curves", path, file.reason, *times))

    def _must(self, *words: str) -> str:
        code, output, errors = command(*words)
        if code:
            raise Refused(f"gangmu {' '.join(words[:2])} ended with {code}: {(errors or output).strip()[:600]}")
        return output

    def _facts(self, path: Path, reason: str) -> list[int]:
        return self._load("facts", path, reason)

    def _load(self, what: str, path: Path, reason: str, *more: str) -> list[int]:
        """Load one file; the numbers (from 0) of the lines that it gives back."""
        words = ["load", what, str(path), *(["--correct", reason] if reason else []), *more]
        code, output, errors = command(*words)
        rejected = path.with_suffix(".rejected.csv")
        if code not in (0, 1) or (code == 1) != rejected.exists():
            raise Refused(f"gangmu load {what} ended with {code}: {(errors or output).strip()[:600]}")
        if code == 0:
            return []
        with rejected.open(encoding="utf-8", newline="") as file:
            return sorted({int(row["line"]) - 2 for row in csv.DictReader(file)})

    def ask(self, question: AnyQuestion) -> dict[str, Any]:
        output = self._must(command_of(question), *question.arguments(), "--json")
        try:
            return json.loads(output)
        except ValueError:
            raise Refused(f"gangmu {command_of(question)} printed no JSON: {output[:300]}") from None


@contextlib.contextmanager
def gangmu(world: World, folder: Path) -> Iterator[Gangmu]:
    """The world, loaded into a database and a GANGMU_HOME of its own, on its day. See `runner.Product`.

    No two worlds share a name: what the process remembers of one database or folder would be wrong for another.
    """
    number = next(_NUMBERS)
    home = folder / f"home-{number}"
    shutil.copytree(HOME / "secrets", home / "secrets")
    before = settings.GANGMU_HOME, os.environ["GANGMU_HOME"]
    with own_database(f"oracle{number}"), embedded(), clock.frozen(f"{world.today}T12:00"):
        settings.GANGMU_HOME, os.environ["GANGMU_HOME"] = home, str(home)
        try:
            yield Gangmu(world, folder)
        finally:
            settings.GANGMU_HOME, os.environ["GANGMU_HOME"] = before
    shutil.rmtree(home, ignore_errors=True)
