"""Known passwords stay on the machine where they were made; what is made is worth showing."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from click import ClickException

from gangmu.business.power.content import composing
from gangmu.business.power.demonstration import staging
from gangmu.business.power.demonstration.figures import Unit, figures
from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.models import Explanation, Fact, Sheet
from gangmu.figures.filing.rules.compiling import compile_rules
from gangmu.figures.filing.rules.context import Context, Filled, RowFacts, Series
from gangmu.figures.filing.rules.findings import About
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.queries import waiting_for
from gangmu.foundation.parties import kinds
from gangmu.foundation.settings import clock
from gangmu.shell import demonstration
from gangmu.shell.cli.serve import run_command
from gangmu.shell.cli.session import embedded

RANKS = {kind.code: kind.rank for kind in kinds.all_kinds()}
CATALOGUE = check(read_indicators(composing.indicators_text()), [], RANKS)[0]
FORMS = {form["code"]: form for form in composing.forms()}


def account(username: str, password: str) -> None:
    user = User(username=username, name=username)
    user.set_password(password)
    user.save()


def run(monkeypatch, host: str) -> bool:
    """Whether `gangmu run` would listen there."""
    served: list[str] = []
    monkeypatch.setattr("gangmu.shell.cli.serve._serve", lambda sites, *_rest: served.append(sites[0].host))
    if host == "0.0.0.0":
        monkeypatch.setenv("GANGMU_ALLOWED_HOSTS", "figures.example.com")
        monkeypatch.setenv("GANGMU_HTTPS", "1")
    with embedded():
        run_command.main(["--host", host], standalone_mode=False)
    return served == [host]


@pytest.mark.django_db
def test_what_the_demonstration_made_is_not_served_to_others(monkeypatch):
    account("plant", demonstration.PASSWORD)
    assert run(monkeypatch, "127.0.0.1")
    with pytest.raises(ClickException, match="plant"):
        run(monkeypatch, "0.0.0.0")
    User.objects.all().delete()
    account("plant", "something that nobody else knows")
    account("somebody", demonstration.PASSWORD)
    assert run(monkeypatch, "0.0.0.0")


@pytest.mark.django_db
def test_a_demonstration_is_not_made_among_real_people(monkeypatch):
    monkeypatch.setenv("GANGMU_DEMONSTRATION", "1")
    account("somebody", "something that nobody else knows")
    with pytest.raises(RuntimeError, match="real people"):
        demonstration.prepare(say=print)
    assert User.objects.count() == 1


def some_organisations(folder: Path) -> Path:
    """The demonstration's file without most of its plants."""
    source = resources.files("gangmu.business.power.demonstration").joinpath("organisations.csv").read_text("utf-8")
    wanted = ("code,", "DEMO,", "EAST,", "CENTRAL,", "425", "501", "525", *staging.STAGED)
    path = folder / "some.csv"
    path.write_text("".join(line for line in source.splitlines(keepends=True) if line.startswith(wanted)), "utf-8")
    return path


def test_every_account_of_the_demonstration_finds_something_to_do(committed, monkeypatch, tmp_path):
    """Prepared, again, and on the next day: real plants, made figures, sheets at every stage."""
    monkeypatch.setenv("GANGMU_DEMONSTRATION", "1")
    monkeypatch.setattr(demonstration, "ORGANISATIONS", str(some_organisations(tmp_path)))
    monkeypatch.setattr(demonstration, "DAYS", 3)
    with clock.frozen("2026-11-21T10:00+08:00"):
        demonstration.prepare(say=str)
        people = {username: User.objects.get(username=username) for username, *_rest in demonstration.ACCOUNTS}
        waiting = {name: len(list(waiting_for(user))) for name, user in people.items()}
        assert (waiting["review"], waiting["region"], waiting["group"]) == (1, 8, 2)
        own = Sheet.objects.filter(organisation__code="401").order_by("period")
        assert [sheet.status for sheet in own] == ["submitted", "returned", "open"]
        assert Explanation.objects.filter(sheet__organisation__code="403").exists()
        late = Sheet.objects.filter(period="2026-11-20", organisation__code__in=staging.MISSING)
        assert not late.exists()
        counted = Fact.objects.count(), Sheet.objects.count(), Case.objects.count()
        assert Fact.objects.filter(period="2026-11-20", organisation__code="401-1").count() == 0
        demonstration.prepare(say=str)
        assert (Fact.objects.count(), Sheet.objects.count(), Case.objects.count()) == counted
        assert demonstration.known_passwords() == sorted(people)
    with clock.frozen("2026-11-22T10:00+08:00"):
        demonstration.prepare(say=str)
        assert Case.objects.count() == counted[2]
        assert Fact.objects.filter(period="2026-11-21").exists()
        assert not Fact.objects.filter(period="2026-11-21", organisation__code="402").exists()  # left to be filed


def test_the_demonstrations_figures_pass_the_rules_of_their_forms():
    rules = {code: compile_rules(FormDefinition.from_json(form), CATALOGUE) for code, form in FORMS.items()}
    units = [
        Unit("C-1", 660, "coal", "C"), Unit("C-2", 350, "coal", "C"), Unit("H-1", 700, "hydro", "H"),
        Unit("H-2", 250, "hydro", "H"), Unit("N-1", 1000, "nuclear", "N"),
    ]  # fmt: skip
    last = date(2026, 8, 20)
    made: dict[tuple[str, date], dict] = {}
    numbers = {code: index for index, code in enumerate(("C", "H", "N", *(unit.code for unit in units)), 1)}
    plants = {unit.code: unit.plant for unit in units}
    for one in figures(units, last - timedelta(days=30), last):
        plant = plants.get(one.organisation, one.organisation)
        value = Decimal(one.value)
        assert value == round(value, CATALOGUE[one.indicator].precision)
        made.setdefault((plant, one.day), {})[numbers[one.organisation], one.indicator] = value
    for code, form in (("C", "coal_daily"), ("H", "hydro_daily"), ("N", "nuclear_daily")):
        below = [numbers[unit.code] for unit in units if unit.plant == code]
        capacity = sum(unit.capacity_mw for unit in units if unit.plant == code)
        for day in (last - timedelta(days=n) for n in range(7)):
            facts = {(numbers[code], day): RowFacts((), Fraction(capacity), Fraction(capacity * 24))} | {
                (numbers[unit.code], day): RowFacts(
                    (numbers[code],), Fraction(unit.capacity_mw), Fraction(unit.capacity_mw * 24)
                )
                for unit in units
                if unit.plant == code
            }
            before = made[code, day - timedelta(days=1)]
            earlier = {
                key: Series(np.array([day.toordinal() - 1]), np.array([int(value.scaleb(CATALOGUE[key[1]].precision))]))
                for key, value in before.items()
            }
            rows = {"unit": below, "reservoir": [numbers[code]], "self": [numbers[code]]}
            sheet = Filled(numbers[code], day, rows, made[code, day])
            found = rules[form].check(sheet, Context(rows=facts, earlier=earlier))
            assert [finding.text for finding in found if finding.about == About.RULE] == []
            assert set(made[code, day]) >= {
                (number, item.indicator)
                for section in rules[form].definition.sections
                for item in section.items
                for number in rows[section.level]
                if item.required
            }
