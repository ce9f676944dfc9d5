"""The calculation, pure: factors in, every step with what it gave and where that stands, and the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gangmu.duties.grading.errors import FactorsRefused, _
from gangmu.duties.grading.scheme import Scheme, Source, Step, require_level


@dataclass(frozen=True)
class Taken:
    """One step as it was taken: `of` says the levels that went in."""

    gives: str
    of: Mapping[str, str]
    level: str
    source: Source
    clause: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "gives": self.gives,
            "of": dict(self.of),
            "is": self.level,
            "source": self.source,
            "clause": self.clause or None,
        }


@dataclass(frozen=True)
class Outcome:
    """What a scheme makes of factors. `source` is `house` as soon as one step's value is of the house's making."""

    scheme: Scheme
    factors: Mapping[str, str]
    steps: tuple[Taken, ...]
    result: str
    source: Source

    def as_json(self) -> dict[str, Any]:
        """`grade` as a number where all of the scheme's results are numbers and it is called so; else a code."""
        name = self.scheme.result.code
        counted = name == "grade" and all(value.isdigit() for value in self.scheme.result.levels)
        return {
            "scheme": self.scheme.code,
            "factors": dict(self.factors),
            name: int(self.result) if counted else self.result,
            "source": self.source,
            "steps": [step.as_json() for step in self.steps],
        }


def grade(scheme: Scheme, factors: Mapping[str, str | None]) -> Outcome:
    """The result of a scheme for some factors; those that are None or empty were not given.

    Raises:
        FactorsRefused: a factor or level that the scheme does not have, a factor that is missing, or one that is given
            beside those that it is made of. The message says what is accepted.
    """
    given = {name: str(level) for name, level in factors.items() if level not in (None, "")}
    for name, level in given.items():
        if name not in scheme.factors:
            raise FactorsRefused(
                _("%(scheme)s has no factor “%(factor)s”; it has: %(factors)s."),
                scheme=scheme.code, factor=name[:40], factors=", ".join(scheme.factors),
            )  # fmt: skip
        require_level(scheme, name, level)
    _require_no_contradiction(scheme, given)
    known = dict(given)
    taken: list[Taken] = []
    _reach(scheme, scheme.result.code, known, taken)
    source: Source = "house" if any(step.source == "house" for step in taken) else "printed"
    return Outcome(scheme, given, tuple(taken), known[scheme.result.code], source)


def _require_no_contradiction(scheme: Scheme, given: Mapping[str, str]) -> None:
    for step in scheme.steps:
        beside = [factor for factor in _below(scheme, step) if factor in given]
        if step.gives in given and beside:
            raise FactorsRefused(
                _(
                    "%(scheme)s: %(made)s is given, and %(parts)s too, of which it is made. "
                    "Give either %(made)s alone, or %(all)s."
                ),
                scheme=scheme.code, made=step.gives, parts=", ".join(beside), all=", ".join(step.of),
            )  # fmt: skip


def _below(scheme: Scheme, step: Step) -> list[str]:
    """Everything that a step is made of, however many steps down."""
    found: list[str] = []
    for factor in step.of:
        found.append(factor)
        made = scheme.step(factor)
        found += _below(scheme, made) if made else []
    return found


def _reach(scheme: Scheme, wanted: str, known: dict[str, str], taken: list[Taken]) -> None:
    """Make `wanted` known, by the steps that lead to it."""
    if wanted in known:
        return
    step = scheme.step(wanted)
    if step is None:
        raise _missing(scheme, [wanted])
    absent = [factor for factor in step.of if not _can_be_known(scheme, factor, known)]
    if absent:
        raise _missing(scheme, absent)
    for factor in step.of:
        _reach(scheme, factor, known, taken)
    of = {factor: known[factor] for factor in step.of}
    if step.cells:
        value = step.cells[known[step.of[0]], known[step.of[1]]]
        taken.append(Taken(wanted, of, value.level, value.source, value.clause))
        known[wanted] = value.level
        return
    scale = scheme.scale(wanted)
    known[wanted] = scale.highest(list(of.values()))
    taken.append(Taken(wanted, of, known[wanted], "printed"))


def _can_be_known(scheme: Scheme, factor: str, known: Mapping[str, str]) -> bool:
    """Whether a factor is given, or something of what it is made of is."""
    step = scheme.step(factor)
    return factor in known or (step is not None and any(below in known for below in _below(scheme, step)))


def _missing(scheme: Scheme, factors: list[str]) -> FactorsRefused:
    told = []
    for factor in factors:
        step = scheme.step(factor)
        text = f"{factor} ({scheme.scale(factor).accepted})"
        told.append(f"{text} / {' + '.join(step.of)}" if step else text)
    return FactorsRefused(
        _("%(scheme)s: %(missing)s is missing. Say it too."), scheme=scheme.code, missing="; ".join(told)
    )
