"""Making designs: a workbook is tried, then it applies from a day on. Nothing of a workbook with faults is kept."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.figures.designs.errors import DesignRefused, Fault
from gangmu.figures.designs.models import Design, Version
from gangmu.figures.designs.template import Template, read_template
from gangmu.figures.designs.tree import Expression, Figure, PartKind, Repeat
from gangmu.figures.designs.vocabulary import Vocabulary
from gangmu.figures.designs.workbooks import digest, names_of, on_disk, vocabulary
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.tiers import tens_between
from gangmu.figures.reports import definitions
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

DESIGN = "figures:design"
DAYS = frozenset({PartKind.DAY})
OF_MONTHS = DAYS | {PartKind.WEEK, PartKind.TEN_DAY}
PARTS = {  # which parts a report's period has
    "day": frozenset[PartKind](),
    "week": DAYS,
    "ten_day": DAYS,
    "month": OF_MONTHS,
    "quarter": OF_MONTHS | {PartKind.MONTH},
    "year": OF_MONTHS | {PartKind.MONTH, PartKind.QUARTER},
}


class NotAllowed(Exception):
    """Whoever asked may not change the design; the text says whose it is."""


class CodeTaken(Exception):
    """There is a report with this code."""


def may_change(design: Design, scope: Scope) -> bool:
    """Its owner's designers; of shipped ones, those who may design at the top of the tree."""
    if design.organisation_id is not None:
        return scope.may_at(DESIGN, design.organisation_id)
    return scope.everything or (scope.may(DESIGN) and _sees_everything())


def _sees_everything() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_whole('view_figures')")
        return cursor.fetchone()[0]


def require(design: Design, scope: Scope) -> None:
    if not may_change(design, scope):
        whose = design.organisation.name if design.organisation else _("the whole house")
        raise NotAllowed(_("This design belongs to %(whose)s; your roles do not let you change it.") % {"whose": whose})


def read(path: Path, name: str, scope: Scope) -> tuple[Template, Vocabulary]:
    """A workbook as a template, with what its names mean to whoever uploads it.

    Raises:
        DesignRefused: with its faults; WorkbookRefused: it is not taken at all.
    """
    known = vocabulary(scope)
    return read_template(path, known, name), known


@transaction.atomic
def add_design(design: Design, file: Path, name: str, language: str, *, by: User | None, scope: Scope) -> Version:
    """A new report and the first version of its workbook, which is to be tried out.

    Raises:
        NotAllowed, CodeTaken; DesignRefused, WorkbookRefused: as `read`.
    """
    require(design, scope)
    if definitions.report(design.code) is not None or Design.objects.filter(code=design.code).exists():
        raise CodeTaken(_("There is a report with the code %(code)s already.") % {"code": design.code})
    design.save()
    return upload(design, file, name, language, by=by, scope=scope)


@transaction.atomic
def upload(
    design: Design, file: Path, name: str, language: str, *, by: User | None, scope: Scope, remark: str = ""
) -> Version:
    """Keep a workbook as the next version of a design; it applies when `apply` says so.

    Raises:
        NotAllowed; DesignRefused, WorkbookRefused: as `read`.
    """
    require(design, scope)
    template, known = read(file, name, scope)
    _check(design, template)
    content = file.read_bytes()
    last = Version.objects.select_for_update().filter(design=design).order_by("-number").first()
    made = Version.objects.create(
        design=design,
        number=last.number + 1 if last else 1,
        language=language,
        file_name=name[:200],
        content=content,
        sha256=digest(content),
        names=names_of(template, known),
        warnings=[[one.sheet, one.cell, one.column, one.message] for one in template.warnings],
        remark=remark,
        made_at=clock.now(),
        made_by=by,
        made_by_name=by.name if by else "",
    )
    note("designs.uploaded", by=by, organisation=design.organisation, data=_data(made))
    return made


def _check(design: Design, template: Template) -> None:
    """Parts that the period of the report never has, such as months of a day, and units that do not fit."""
    units = dict(Indicator.objects.values_list("code", "unit"))
    faults = [
        Fault(at.sheet, at.cell, column, wrong)
        for at, cell in template.cells.items()
        for one, column in zip(cell.expressions, cell.columns, strict=True)
        if (wrong := _wrong(one, design, units))
    ]
    if faults:
        message = _("%(file)s cannot be used as a report; nothing of it was applied.") % {"file": template.name}
        raise DesignRefused(message, faults)


def _wrong(one: Expression, design: Design, units: dict[str, str]) -> str:
    if isinstance(one, Repeat):
        return ""
    if not one.when.code and one.when.part not in {None, *PARTS[design.grain]}:
        return _("a report of this period has no such part.")
    if isinstance(one, Figure) and one.unit and tens_between(units.get(one.indicator, ""), one.unit) is None:
        unit = units.get(one.indicator) or "1"
        return _(
            "%(code)s is counted in %(unit)s; it can be shown in units that are tens of it, not in %(wanted)s."
        ) % {
            "code": one.indicator,
            "unit": unit,
            "wanted": one.unit,
        }
    return ""


@transaction.atomic
def apply(version: Version, first_day: date, *, by: User | None, scope: Scope) -> None:
    """Let reports of periods that end on a day or later be made with a version. A version applies once.

    Raises:
        NotAllowed.
    """
    require(version.design, scope)
    version.valid_from = first_day
    version.save(update_fields=["valid_from"])
    note("designs.applied", by=by, organisation=version.design.organisation, data=_data(version))


@transaction.atomic
def change(design: Design, *, by: User | None, scope: Scope) -> None:
    """Keep changed settings: names, for whom, when it is issued and what has to be complete.

    Raises:
        NotAllowed.
    """
    require(design, scope)
    design.save()
    note("designs.changed", by=by, organisation=design.organisation, data={"design": design.code})


def _data(version: Version) -> dict[str, Any]:
    return {
        "design": version.design.code,
        "version": version.number,
        "language": version.language,
        "file": version.file_name,
        "sha256": version.sha256,
        "valid_from": version.valid_from.isoformat() if version.valid_from else None,
    }


def faults_of(version: Version) -> list[Fault]:
    """What was worth knowing when a version was uploaded."""
    return [Fault(*one) for one in version.warnings]


@transaction.atomic
def install(designs: Sequence[tuple[Design, dict[str, tuple[str, bytes]]]], scope: Scope) -> None:
    """Bring shipped designs up to date: settings that were changed here stand, and so do versions uploaded here.

    Args:
        designs: each with its workbooks by language: file name and content.
    """
    for shipped, workbooks in designs:
        design = Design.objects.filter(code=shipped.code).first()
        if design is None:
            shipped.source = Design.Source.SHIPPED
            shipped.save()
            design = shipped
        for language, (name, content) in workbooks.items():
            _install_version(design, language, name, content, scope)


def _install_version(design: Design, language: str, name: str, content: bytes, scope: Scope) -> None:
    """A shipped workbook that is not there yet becomes a version; one that was replaced here is offered alone."""
    rows = Version.objects.filter(design=design, language=language)
    if rows.filter(sha256=digest(content)).exists():
        return
    was_replaced = rows.exclude(made_by=None).filter(valid_from__isnull=False).exists()
    with on_disk(content) as path:
        version = upload(design, path, name, language, by=None, scope=scope, remark="shipped")
    if not was_replaced:
        first = date(2000, 1, 1) if not rows.exclude(pk=version.pk).exists() else clock.today()
        apply(version, first, by=None, scope=scope)
