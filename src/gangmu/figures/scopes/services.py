"""What a user does to scopes. The only place that writes them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gangmu.figures.indicators.loading.outcome import Outcome
from gangmu.figures.scopes.definitions import ScopeDefinition
from gangmu.figures.scopes.errors import ScopeRefused
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.figures.scopes.queries import definition_of
from gangmu.figures.scopes.reading import Reading, check_together, read_scopes
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.services import note

Judge = Callable[[Mapping[str, ScopeDefinition]], list[tuple[tuple[str, ...], str]]]
_judges: list[Judge] = []


def register_judge(judge: Judge) -> None:
    """Have somebody look at all scopes before any is kept: gives what is wrong, with its place (scope, version, …)."""
    _judges.append(judge)


class LoadResult(Outcome):
    """What a load of statistical scopes did."""

    told = gettext_noop("Statistical scopes: %(created)d new, %(changed)d changed, %(unchanged)d as they were.")


@transaction.atomic
def load_scopes(source: Path | str, *, by: User | None = None, shipped: bool = False) -> LoadResult:
    """Record the scopes of a file or a YAML text: all of it, or, when anything is wrong, nothing.

    A scope that exists is replaced with all its versions. Shipped ones leave alone what was changed here.

    Raises:
        Unreadable: the file as a whole is no text of at most 2 MB.
    """
    reading = read_scopes(source)
    with connection.cursor() as cursor:  # two at once could make a circle that neither of them sees
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('figures.scopes'))")
    rows = {str(row.code): row for row in StatisticalScope.objects.all()}
    if shipped:
        local = {code for code, row in rows.items() if row.source == StatisticalScope.Source.LOCAL}
        reading.scopes = [one for one in reading.scopes if one.code not in local]
    standing = {code: definition_of(row) for code, row in rows.items()}
    if not reading.problems:
        _check(reading, standing, shipped=shipped)
    if reading.problems:
        return LoadResult(problems=sorted(reading.problems, key=lambda one: (one.line, one.column)))
    result = LoadResult()
    told: list[str] = []
    for one in reading.scopes:
        if standing.get(one.code) == one:
            result.unchanged += 1
            continue
        row = rows.get(one.code)
        result.created, result.changed = result.created + (row is None), result.changed + (row is not None)
        _write(row or StatisticalScope(code=one.code, revision=0), one, shipped=shipped)
        told.append(one.code)
    if told:
        note("scopes.defined", by=by, data={"scopes": told, "shipped": shipped})
    return result


def judged(text: str) -> tuple[LoadResult, ScopeDefinition | None]:
    """What keeping a text of one scope would say, and the scope; nothing is kept."""
    reading = read_scopes(text)
    if not reading.problems:
        standing = {str(row.code): definition_of(row) for row in StatisticalScope.objects.all()}
        _check(reading, standing, shipped=False)
    problems = sorted(reading.problems, key=lambda one: (one.line, one.column))
    return LoadResult(problems=problems), reading.scopes[0] if reading.scopes else None


@transaction.atomic
def remove_scope(code: str, *, by: User | None) -> None:
    """Take a scope away.

    Raises:
        ScopeRefused: there is none, or another one names it.
    """
    row = StatisticalScope.objects.filter(code=code).first()
    if row is None:
        raise ScopeRefused(_("There is no statistical scope “%(code)s”.") % {"code": code[:60]})
    users = [one.code for one in StatisticalScope.objects.all() if code in definition_of(one).scopes]
    if users:
        words = {"code": code, "users": ", ".join(users[:8])}
        raise ScopeRefused(_("“%(code)s” is named by %(users)s; change those first.") % words)
    note("scopes.removed", by=by, data={"scope": code})
    row.delete()


def _check(reading: Reading, standing: Mapping[str, ScopeDefinition], *, shipped: bool) -> None:
    codes = set(map(str, Organisation.objects.values_list("code", flat=True)))
    check_together(reading, standing.values(), codes)
    if reading.problems:
        return
    book = {**standing, **{one.code: one for one in reading.scopes}}
    for judge in () if shipped else _judges:  # what is shipped names nobody
        for place, message in judge(book):
            reading.wrong(reading.at(*place), message)


def _write(row: StatisticalScope, one: ScopeDefinition, *, shipped: bool) -> None:
    row.name_zh, row.name_en = one.name.zh, one.name.en
    row.versions = [version.as_json() for version in one.versions]
    row.new_plants, row.structure, row.levels = one.new_plants.value, one.structure, list(one.levels)
    row.source = StatisticalScope.Source.SHIPPED if shipped else StatisticalScope.Source.LOCAL
    row.revision += 1
    row.save()
