"""Changing one indicator: what it will be from a day on, what is wrong with that, what depends on it; then doing it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gangmu.figures.indicators.consistency import Fault, faults
from gangmu.figures.indicators.decimals import MOST_PRECISIONS, EarlierPrecision, dated, written_precisions
from gangmu.figures.indicators.definitions import MOST_EARLIER, Earlier, IndicatorDefinition
from gangmu.figures.indicators.formula.errors import START
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of, written
from gangmu.figures.indicators.services import MEANING, fewer_decimals, same_unit, told_fewer, told_too_large
from gangmu.figures.indicators.timeline import MOST_DAYS, Timeline
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties import kinds
from gangmu.foundation.records.services import note

CONFIGURE = "figures:configure"
MOST_TOLD = 20


class CannotChange(Exception):
    """A change that does not hold, or that somebody else came before. `faults` say what and where."""

    def __init__(self, message: str, found: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = found


@dataclass(frozen=True)
class Proposal:
    """An indicator as it would be.

    `affected` are the codes of the indicators whose figures it can change: itself, then those that need it. `dropped`
    are versions that would be valid no more: they begin on the day of the change or later; `dropped_decimals` the
    decimals that it would have had on no day any more. `stamp` names the
    indicators as they stood together with what is wanted: with other indicators it is another one.
    """

    definition: IndicatorDefinition
    before: IndicatorDefinition | None
    since: date | None
    faults: tuple[Fault, ...]
    affected: tuple[str, ...]
    dropped: tuple[str, ...]
    dropped_decimals: tuple[int, ...]
    stamp: str

    @property
    def multiplies(self) -> bool:
        """Whether what is stored of it is written with more decimals than before."""
        before, after = self.before, self.definition
        return before is not None and not after.formula and after.scale > before.scale

    @property
    def changes_nothing(self) -> bool:
        return self.before == self.definition


def all_definitions() -> dict[str, IndicatorDefinition]:
    return {str(row.code): definition_of(row) for row in Indicator.objects.order_by("id")}


def from_day(
    before: IndicatorDefinition | None, wanted: IndicatorDefinition, since: date | None
) -> IndicatorDefinition:
    """`wanted` with the formulas and decimals that stay valid before a day; without a day they hold for all time.

    What was valid from that day on, or would have become so, gives way; where only one of the two is another one, the
    other keeps its versions.
    """
    if before is None:
        return replace(wanted, earlier=(), precisions=())
    if since is not None and wanted.precision != before.precision and wanted.formula == before.formula:
        precisions = dated(before.precisions, before.precision, wanted.precision, since)
        return replace(wanted, earlier=before.earlier, precisions=precisions)
    return replace(_formula_from_day(before, wanted, since), precisions=_precisions_from_day(before, wanted, since))


def _precisions_from_day(
    before: IndicatorDefinition, wanted: IndicatorDefinition, since: date | None
) -> tuple[EarlierPrecision, ...]:
    if since is None:
        return before.precisions if wanted.precision == before.precision else ()
    if wanted.precision == before.precision and wanted.formula:
        return before.precisions
    return dated(before.precisions, before.precision, wanted.precision, since)


def _formula_from_day(
    before: IndicatorDefinition, wanted: IndicatorDefinition, since: date | None
) -> IndicatorDefinition:
    if not before.formula or not wanted.formula:
        return replace(wanted, earlier=())
    if wanted.formula == before.formula and since is None:
        return replace(wanted, earlier=before.earlier)
    if since is None:
        return replace(wanted, earlier=())
    last = since - timedelta(days=1)
    kept = [one for one in before.earlier if one.until < last]
    valid = before.on(last).formula
    if valid != wanted.formula:
        kept.append(Earlier(last, valid))
    return replace(wanted, earlier=tuple(kept))


def propose(
    wanted: IndicatorDefinition, since: date | None = None, standing: Mapping[str, IndicatorDefinition] | None = None
) -> Proposal:
    """What `wanted` would be from a day on, and everything that is wrong with it. Nothing is written."""
    standing = all_definitions() if standing is None else dict(standing)
    before = standing.get(wanted.code)
    definition = from_day(before, wanted, since)
    earlier, after = Timeline(standing.values()), Timeline((standing | {wanted.code: definition}).values())
    found = list(_faults(definition, before, earlier, after))
    dependants = after.newest.dependants([wanted.code]) | earlier.newest.dependants([wanted.code])
    depths = after.newest.depths()
    affected = (wanted.code, *sorted(dependants - {wanted.code}, key=lambda code: (depths.get(code, 0), code)))
    kept = {definition.formula, *(one.formula for one in definition.earlier)}
    versions = [*(one.formula for one in before.earlier), before.formula] if before else []
    dropped = tuple(formula for formula in versions if formula and formula not in kept)
    stood = {one.precision for one in before.precisions} | {before.precision} if before else set[int]()
    gone = stood - {one.precision for one in definition.precisions} - {definition.precision}
    stamp = sha256(repr((sorted(standing.items()), definition)).encode()).hexdigest()
    return Proposal(definition, before, since, tuple(found), affected, dropped, tuple(sorted(gone)), stamp)


def _faults(
    definition: IndicatorDefinition, before: IndicatorDefinition | None, earlier: Timeline, after: Timeline
) -> Iterator[Fault]:
    code = definition.code
    if len(definition.earlier) > MOST_EARLIER or len(after.days) > MOST_DAYS:
        message = _("formulas may change on %(most)d days altogether; these would be %(found)d.")
        yield Fault(code, "since", message % {"most": MOST_DAYS, "found": len(after.days)})
        return
    if before is not None and (before.split or before.member):
        by = before.split.by if before.split else before.member.of if before.member else ""
        message = _("this indicator is split by categories (%(by)s); change it in a file: gangmu load indicators.")
        yield Fault(code, "code", message % {"by": by})
        return
    if before is not None and before.taxed:
        message = _("this indicator is told with tax and without; change it in a file: gangmu load indicators.")
        yield Fault(code, "code", message)
        return
    if len(definition.precisions) > MOST_PRECISIONS:
        message = _("decimals may change %(most)d times at most.") % {"most": MOST_PRECISIONS}
        yield Fault(code, "since", message)
    if before is not None:
        yield from changes_of_meaning(before, definition)
    ranks = {kind.code: kind.rank for kind in kinds.all_kinds()}
    told: set[tuple[str, str]] = set()
    for day, catalogue in after.stretches():
        dependants = catalogue.dependants([code]) | earlier.on(day).dependants([code])
        for fault in faults(catalogue, [code, *sorted(dependants - {code})], ranks):
            if (fault.code, fault.message) in told or len(told) >= MOST_TOLD:
                continue
            told.add((fault.code, fault.message))
            if fault.code != code:
                words = {"code": fault.code, "why": fault.message}
                message = _("with this change, the existing indicator %(code)s no longer holds: %(why)s") % words
                yield Fault(fault.code, "formula", message, START)
            elif fault.field == "formula" and catalogue[code].formula != definition.formula:
                words = {"formula": catalogue[code].formula, "why": fault.message}
                yield Fault(code, "since", _("the earlier formula %(formula)s does not hold: %(why)s") % words)
            else:
                yield fault


def changes_of_meaning(before: IndicatorDefinition, after: IndicatorDefinition) -> Iterator[Fault]:
    """What cannot change any more, once there are figures of the indicator."""
    changed = [
        key
        for key in MEANING
        if getattr(before, key) != getattr(after, key) and not (key == "unit" and same_unit(before.unit, after.unit))
    ]
    fewer = fewer_decimals(before, after)
    if (changed or fewer or before.making != after.making) and _is_referred(before.code):
        if fewer:
            yield Fault(before.code, "precision", told_fewer(before, after))
        for key in changed:
            old, new = getattr(before, key), getattr(after, key)
            words = {"key": key, "old": "–" if old is None else old, "new": "–" if new is None else new}
            yield Fault(
                before.code,
                key,
                _(
                    "there are figures of this indicator; its %(key)s stays %(old)s and cannot become %(new)s. "
                    "Make a new indicator with another code."
                )
                % words,
            )
        if bool(before.formula) != bool(after.formula):
            yield Fault(
                before.code,
                "formula",
                _(
                    "there are figures of this indicator; it cannot become a formula. "
                    "Make a new indicator with another code."
                ),
                START,
            )


def configures() -> bool:
    """Whether whoever asks may change indicators."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indicators_configures()")
        return bool(cursor.fetchone()[0])


def _is_referred(code: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indicators_referred(%s)", [code])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def apply_change(
    wanted: IndicatorDefinition,
    since: date | None,
    *,
    seen: str,
    because: str,
    by: User | None = None,
    request: HttpRequest | None = None,
    more: Mapping[str, Any] | None = None,
) -> Proposal:
    """Make the indicator what it was proposed to be; recorded with old, new and the reason. It becomes local.

    Args:
        seen: the stamp of the proposal that was looked at.

    Raises:
        CannotChange: indicators changed meanwhile, or the change does not hold.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT indicators_lock()")
    proposal = propose(wanted, since)
    if proposal.stamp != seen:
        raise CannotChange(_("Indicators were changed meanwhile. Look at what the change does now."))
    if proposal.faults:
        raise CannotChange(_("The change does not hold; nothing was applied."), proposal.faults)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT indicators_save(%s::jsonb)", [json.dumps(as_row(proposal.definition))])
    except IntegrityError as error:
        told = told_too_large(error)
        if told is None:
            raise
        raise CannotChange(told) from error
    data = {
        "code": wanted.code,
        "old": as_row(proposal.before) if proposal.before else None,
        "new": as_row(proposal.definition),
        "since": since.isoformat() if since else None,
        "because": because,
        "affected": list(proposal.affected[1:]),
        **(more or {}),
    }
    note("indicators.changed" if proposal.before else "indicators.made", by=by, data=data, request=request)
    return proposal


def as_row(definition: IndicatorDefinition) -> dict[str, Any]:
    """The columns of an indicator's row."""
    return {
        "code": definition.code,
        "name_zh": definition.name.zh,
        "name_en": definition.name.en,
        "unit": definition.unit,
        "precision": definition.precision,
        "precisions": written_precisions(definition.precisions),
        "scale": definition.scale,
        "grain": definition.grain.value,
        "level": definition.level,
        "over_time": definition.over_time.value if definition.over_time else "",
        "over_organisations": definition.over_organisations.value if definition.over_organisations else "",
        "weight": definition.weight or "",
        "formula": definition.formula,
        "earlier": written(definition.earlier),
    }
