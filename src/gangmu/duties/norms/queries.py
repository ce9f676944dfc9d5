"""Reading editions and baselines. Standards are read by whoever may view norms; baselines within the asker's scope."""

import json
from collections.abc import Sequence
from functools import lru_cache

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gangmu.duties.norms import standard as plain
from gangmu.duties.norms.comparing import Comparison, compare
from gangmu.duties.norms.errors import ChoiceRefused, UnknownCell, UnknownClause, UnknownStandard, _
from gangmu.duties.norms.models import Baseline, BaselineEntry, Clause, Edition
from gangmu.duties.norms.resolving import Held, Resolved, everything, resolve

WORDS = 10


def current_edition(code: str) -> Edition:
    """The current edition of a standard, by its code or as it stands in addresses.

    Raises:
        UnknownStandard: there is none.
    """
    found = Edition.objects.select_related("standard").filter(
        Q(standard__code=code) | Q(standard__slug=code), is_current=True
    )
    edition = found.first()
    if edition is None:
        known = Edition.objects.filter(is_current=True).values_list("standard__code", flat=True)
        raise UnknownStandard(
            _("There is no standard “%(code)s”. There are: %(known)s."), code=code[:40], known=", ".join(known) or "–"
        )
    return edition


def edition_named(code: str, name: str = "") -> Edition:
    """An edition of a standard, the current one when none is named.

    Raises:
        UnknownStandard: there is none.
    """
    if not name:
        return current_edition(code)
    current = current_edition(code)
    found = Edition.objects.select_related("standard").filter(standard=current.standard_id, edition=name).first()
    if found is None:
        known = Edition.objects.filter(standard=current.standard_id).values_list("edition", flat=True)
        raise UnknownStandard(
            _("%(standard)s has no edition “%(edition)s”. There are: %(known)s."),
            standard=current.standard.number, edition=name[:40], known=", ".join(known),
        )  # fmt: skip
    return found


def standard_of(edition: Edition) -> plain.Standard:
    """The standard as it stands in an edition; read once by each process."""
    return _restored(edition.pk, str(edition.digest))


@lru_cache(maxsize=64)
def _restored(pk: int, digest: str) -> plain.Standard:
    content = Edition.objects.values_list("content", flat=True).get(pk=pk, digest=digest)
    return plain.restored(json.loads(content))


def editions() -> QuerySet[Edition]:
    """The current editions, each with the number of its clauses."""
    rows = Edition.objects.filter(is_current=True).select_related("standard").defer("content")
    return rows.annotate(clauses_count=Count("clauses")).order_by("standard__code")


def clauses(edition: Edition, words: str = "") -> list[str]:
    """The keys of the clauses in which every word occurs, in either language, as pinyin or in the key."""
    rows = Clause.objects.filter(edition=edition)
    for word in words.lower().split()[:WORDS]:
        rows = rows.filter(search__contains=word)
    return list(rows.order_by("position").values_list("key", flat=True))


def clause(edition: Edition, key: str) -> plain.Entry:
    """A clause of an edition.

    Raises:
        UnknownClause: it has none of this key; says when another edition has it, and where its topic stands now.
    """
    standard = standard_of(edition)
    if key in standard.entries:
        return standard.entries[key]
    earlier = Clause.objects.filter(edition__standard=edition.standard_id, key=key).select_related("edition").first()
    if earlier is None:
        return standard.entry(key)  # refuses
    here = [one.key for one in standard.entries.values() if one.topic == earlier.topic]
    if here:
        raise UnknownClause(
            _("Clause %(key)s of edition %(old)s is not in edition %(edition)s; its topic stands there at %(here)s."),
            key=key, old=earlier.edition.edition, edition=edition.edition, here=", ".join(here),
        )  # fmt: skip
    raise UnknownClause(
        _("Clause %(key)s stands in edition %(old)s only; edition %(edition)s has dropped it. Look at that edition."),
        key=key, old=earlier.edition.edition, edition=edition.edition,
    )  # fmt: skip


def resolved(edition: Edition, cell: str, choices: dict[str, str]) -> Resolved:
    """What holds in a cell of an edition; in a standard without cells everything.

    Raises:
        UnknownCell, ChoiceRefused: as `resolve`; or no cell is named where there are some.
    """
    standard = standard_of(edition)
    if cell:
        return resolve(standard, cell, choices)
    if standard.cells:
        raise UnknownCell(
            _("Name the cell of %(standard)s that holds: one of %(known)s."),
            standard=standard.number, known=", ".join(standard.cells),
        )  # fmt: skip
    if choices:
        raise ChoiceRefused(_("%(standard)s leaves nothing to choose."), standard=standard.number)
    return everything(standard)


def baselines() -> QuerySet[Baseline]:
    """The baselines in scope, the newest first."""
    rows = Baseline.objects.select_related("organisation", "edition__standard").defer("edition__content")
    followed = Baseline.objects.filter(previous=OuterRef("pk"))
    return rows.annotate(is_followed=Exists(followed)).order_by("-frozen_at", "-pk")


def latest(organisation_id: int, subject: str, standard_id: int) -> Baseline | None:
    """The baseline of a subject by a standard that nothing has followed yet."""
    rows = Baseline.objects.filter(organisation=organisation_id, subject=subject, edition__standard=standard_id)
    return rows.filter(following__isnull=True).select_related("edition__standard").order_by("-pk").first()


def held(baseline: Baseline) -> Sequence[BaselineEntry]:
    """The entries of a baseline in order."""
    return list(baseline.entries.order_by("position"))


def frozen(baseline: Baseline) -> Resolved:
    """A baseline as what it was resolved from, for comparing."""
    standard = standard_of(baseline.edition)
    rows = tuple(Held(standard.entries[one.key], one.origin) for one in held(baseline))
    return Resolved(standard, str(baseline.cell), baseline.choices, rows)


def against_current(baseline: Baseline) -> Comparison | None:
    """What the current edition would change; None while the baseline stands on it, or where it lacks the cell."""
    current = current_edition(baseline.edition.standard.code)
    if current.pk == baseline.edition_id:
        return None
    standard = standard_of(current)
    try:
        now = resolve(standard, baseline.cell, baseline.choices, spare=True) if baseline.cell else everything(standard)
    except (UnknownCell, ChoiceRefused):
        return None
    return compare(frozen(baseline), now)
