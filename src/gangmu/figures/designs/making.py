"""A report of a design: for an organisation and a period, with the version that applies then."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gangmu.figures.designs.asking import Issue
from gangmu.figures.designs.cube import CubeFigures
from gangmu.figures.designs.filling import Filled, fill
from gangmu.figures.designs.models import Design, Version
from gangmu.figures.designs.showing import Sheet, show
from gangmu.figures.designs.template import Template
from gangmu.figures.designs.tree import Figure
from gangmu.figures.designs.vocabulary import Named
from gangmu.figures.designs.workbooks import opened
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Made:
    """A filled workbook and what pages and paper show of it."""

    version: Version
    language: str
    filled: Filled
    sheets: list[Sheet]

    def workbook(self) -> bytes:
        target = io.BytesIO()
        self.filled.book.save(target)
        return target.getvalue()

    @property
    def boxes(self) -> int:
        return sum(len(one.boxes) for one in self.sheets)


def version_for(design: Design, day: date, language: str) -> Version | None:
    """The version that applies to a report ending on a day, in the language if there is one.

    The latest whose first day is not after the day; for days before all of them the oldest.
    """
    rows = design.versions.filter(valid_from__isnull=False).order_by("-valid_from", "-number")
    found = list(rows.defer("content"))
    in_language = [one for one in found if one.language == language] or found
    return next((one for one in in_language if one.valid_from and one.valid_from <= day), None) or next(
        iter(in_language[::-1]), None
    )


def languages_of(design: Design, day: date) -> list[str]:
    """The languages in which reports ending on a day are made."""
    found = {version.language for one in LANGUAGES if (version := version_for(design, day, one)) is not None}
    return [one for one in LANGUAGES if one in found]


def make(
    version: Version,
    organisation: Organisation,
    period: Period,
    scope: Scope,
    *,
    edition: int | None = None,
) -> Made:
    """The report as it stands now, as far as the scope may see it.

    Raises:
        DesignRefused: it asks for more, or would become larger, than is filled at once.
        CannotAnswer: the cube cannot be read now.
    """
    code = str(organisation.code)
    with opened(version) as (template, known):
        indicators = _repeated(template) or list(Indicator.objects.values_list("code", flat=True)[:1])
        own = Named(code, str(organisation.name_zh), str(organisation.name_en))
        title = version.design.named(version.language)
        issue = Issue(title, own, period, version.language, edition, clock.now())
        filled = fill(template, issue, CubeFigures(scope, indicators), known)
        return Made(version, version.language, filled, show(filled, version.language))


def _repeated(template: Template) -> set[str]:
    """The indicators in repeated rows: where one of these has cells, there is a row."""
    return {
        one.indicator
        for at, cell in template.cells.items()
        if template.block(at) is not None
        for one in cell.expressions
        if isinstance(one, Figure)
    }


def all_languages(
    design: Design, organisation: Organisation, period: Period, scope: Scope, edition: int | None
) -> Sequence[Made]:
    """The report in every language in which it is designed."""
    found = []
    for language in languages_of(design, period.end):
        version = version_for(design, period.end, language)
        assert version is not None
        found.append(make(version, organisation, period, scope, edition=edition))
    return found
