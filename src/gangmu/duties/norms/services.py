"""Loading editions, and freezing baselines."""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from gangmu.duties.norms import queries
from gangmu.duties.norms import standard as plain
from gangmu.duties.norms.errors import ClausesGone, EditionInUse, NormsError, NotPossible, _
from gangmu.duties.norms.models import (
    Baseline,
    BaselineEntry,
    Clause,
    Edition,
    Parameter,
    Reference,
    Standard,
    Statement,
)
from gangmu.duties.norms.resolving import entry_as_json
from gangmu.duties.norms.rights import FREEZE, require, scope_for
from gangmu.duties.norms.shipped import standards
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

logger = logging.getLogger(__name__)


def install_standards() -> None:
    """Load what is shipped. An edition that baselines stand on stays as it is; the log says so."""
    for standard in standards():
        try:
            load_edition(standard)
        except EditionInUse as error:
            logger.warning("%s", error)


@transaction.atomic
def load_edition(standard: plain.Standard) -> Edition:
    """Make a standard's edition the current one. Loaded before with the same content, nothing is done.

    Raises:
        EditionInUse: its content differs from what was loaded, and baselines stand on that.
    """
    _one_at_a_time(standard.code)
    row = _standard_row(standard)
    found = Edition.objects.filter(standard=row, edition=standard.edition).first()
    if found is not None and found.digest != standard.digest:
        if many := found.baselines.count():
            raise EditionInUse(
                _(
                    "%(standard)s edition %(edition)s differs from what was loaded, and %(n)d baselines stand on that. "
                    "Give the new text an edition of its own, such as “%(edition)s.1”."
                ),
                standard=standard.number, edition=standard.edition, n=many,
            )  # fmt: skip
        found.delete()
        found = None
    Edition.objects.filter(standard=row, is_current=True).exclude(edition=standard.edition).update(is_current=False)
    if found is not None:
        if not found.is_current:
            Edition.objects.filter(pk=found.pk).update(is_current=True)
            found.is_current = True
        return found
    made = Edition.objects.create(
        standard=row,
        edition=standard.edition,
        in_force=standard.in_force,
        content=standard.content,
        digest=standard.digest,
        loaded_at=clock.now(),
    )
    _write_clauses(made, standard)
    data = {"standard": standard.code, "edition": standard.edition, "sha256": standard.digest}
    note("norms.edition-loaded", data=data)
    return made


def _standard_row(standard: plain.Standard) -> Standard:
    told = {
        "slug": standard.slug,
        "number": standard.number,
        "title_zh": standard.title.zh,
        "title_en": standard.title.en,
        "issuer_zh": standard.issuer.zh,
        "issuer_en": standard.issuer.en,
    }
    row = Standard.objects.filter(code=standard.code).first()
    if row is None:
        return Standard.objects.create(code=standard.code, **told)
    if any(getattr(row, name) != value for name, value in told.items()):
        for name, value in told.items():
            setattr(row, name, value)
        row.save()
    return row


def _write_clauses(edition: Edition, standard: plain.Standard) -> None:
    rows = [
        Clause(
            edition=edition,
            position=position,
            key=entry.key,
            section=entry.section,
            topic=entry.topic,
            name_zh=standard.topics[entry.topic].name.zh,
            name_en=standard.topics[entry.topic].name.en,
            search=_searched(standard, entry),
        )
        for position, entry in enumerate(standard.entries.values())
    ]
    Clause.objects.bulk_create(rows)
    made = {row.key: row for row in rows}
    parts: dict[type, list[Any]] = {Statement: [], Parameter: [], Reference: []}
    for entry in standard.entries.values():
        topic = standard.topics[entry.topic]
        for number, statement in enumerate(entry.statements, 1):
            said = standard.text(entry, statement)
            parts[Statement].append(
                Statement(
                    clause=made[entry.key], number=number, strength=statement.strength, bound=statement.bound,
                    trigger=statement.trigger or "", text_zh=said.zh, text_en=said.en,
                    parameters=list(statement.inserts),
                )
            )  # fmt: skip
        for name, value in entry.values.items():
            one = topic.parameters[name]
            parts[Parameter].append(
                Parameter(
                    clause=made[entry.key], name=name, kind=one.kind, title_zh=one.title.zh, title_en=one.title.en,
                    value=one.as_json(value)["value"],
                )
            )  # fmt: skip
        for position, section in enumerate(entry.to):
            row = Reference(clause=made[entry.key], position=position, subject=topic.refers, section=section)
            parts[Reference].append(row)
    for model, found in parts.items():
        model.objects.bulk_create(found)


def _searched(standard: plain.Standard, entry: plain.Entry) -> str:
    """Everything by which a clause is found, in small letters; names also as pinyin, whole and by initials."""
    from pypinyin import Style, lazy_pinyin

    names = [standard.topics[entry.topic].name, standard.sections[entry.section].name]
    texts = [standard.text(entry, statement) for statement in entry.statements]
    pinyin = [
        "".join(lazy_pinyin(name.zh, style=style)) for name in names for style in (Style.NORMAL, Style.FIRST_LETTER)
    ]
    return "\n".join([entry.key, *(one for text in (*names, *texts) for one in (text.zh, text.en)), *pinyin]).lower()


# Freezing -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def freeze_baseline(
    actor: User | None,
    organisation: Organisation,
    subject: str,
    edition: Edition,
    cell: str,
    choices: Mapping[str, str],
    *,
    dropping: Iterable[str] = (),
    scope: Scope | None = None,
) -> Baseline:
    """Freeze what holds in a cell for a subject. The same again gives the baseline that stands.

    Args:
        subject: what it holds for: a system, a service, a contract; the code or name by which people know it.
        dropping: keys of the baseline before that the new edition no longer has, agreed to.

    Raises:
        UnknownCell, ChoiceRefused: the edition does not have it.
        ChoiceMissing: a reference is open.
        ClausesGone: the baseline before has clauses whose topics the new edition dropped; `dropping` must name them.
        NotPossible: the roles of `actor` do not cover it there.
    """
    require(FREEZE, organisation.pk, scope_for(actor, scope))
    subject = " ".join(subject.split())
    if not subject:
        raise NotPossible(_("Say for which system, service or contract it holds."))
    found = queries.resolved(edition, cell, dict(choices))
    found.require_closed()
    _one_at_a_time(f"{organisation.pk} {subject}")
    before = queries.latest(organisation.pk, subject, edition.standard_id)
    _require_agreed(before, edition, tuple(dropping))
    contents = [entry_as_json(found.standard, one) for one in found.held]
    digest = hashlib.sha256(
        json.dumps(contents, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
    same = before and (before.edition_id, before.cell, before.choices, before.digest)
    if before and same == (edition.pk, found.cell, dict(found.choices), digest):
        return before
    made = Baseline.objects.create(
        organisation=organisation,
        subject=subject,
        edition=edition,
        cell=found.cell,
        choices=dict(found.choices),
        previous=before,
        size=len(contents),
        digest=digest,
        frozen_at=clock.now(),
        frozen_by=actor,
        frozen_by_name=actor.name if actor else "",
    )
    keys = {str(row.key): row.pk for row in Clause.objects.filter(edition=edition).only("key")}
    BaselineEntry.objects.bulk_create(
        BaselineEntry(
            baseline=made, clause_id=keys[one["key"]], position=position, key=one["key"], topic=one["topic"],
            origin=one["origin"], content=one,
        )
        for position, one in enumerate(contents)
    )  # fmt: skip
    data = {
        "subject": subject, "standard": edition.standard.code, "edition": edition.edition, "cell": found.cell,
        "choices": dict(found.choices), "clauses": len(contents), "sha256": digest,
    }  # fmt: skip
    note("norms.baseline-frozen", by=actor, organisation=organisation, subject=made, data=data)
    return made


def _require_agreed(before: Baseline | None, edition: Edition, dropping: tuple[str, ...]) -> None:
    """See that whoever follows a baseline with a new edition knows what falls away by it."""
    gone: list[str] = []
    if before is not None and before.edition_id != edition.pk:
        topics = queries.standard_of(edition).topics
        gone = [one.key for one in queries.held(before) if one.topic not in topics]
    if unknown := [key for key in dropping if key not in gone]:
        raise NotPossible(
            _("Clause %(key)s does not fall away by edition %(edition)s. Falling away: %(gone)s."),
            key=unknown[0], edition=edition.edition, gone=", ".join(gone) or "–",
        )  # fmt: skip
    if left := [key for key in gone if key not in dropping]:
        assert before is not None
        raise ClausesGone(
            _(
                "Edition %(edition)s no longer has %(clauses)s of the baseline before, which stands on edition %(old)s."
                " Agree to each of them, or stay with the baseline before."
            ),
            tuple(left), edition=edition.edition, old=before.edition.edition, clauses=", ".join(left),
        )  # fmt: skip


def _one_at_a_time(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"norms {what}"])


__all__ = ["NormsError", "freeze_baseline", "install_standards", "load_edition"]
