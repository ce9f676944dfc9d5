"""The files that go out: the register with what needs what, and the same without lines, to fill in."""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import xlsxwriter
from django.http import FileResponse
from django.utils.translation import gettext as _

from gangmu.duties.resources.loading.checking import told
from gangmu.duties.resources.loading.reading import COLUMNS
from gangmu.duties.resources.models import Dependency, Kind, Resource
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.ui import exports

WIDE = {"name_zh": 28, "name_en": 34, "attributes": 34, "remark": 30}


def notes() -> list[tuple[str, str]]:
    """What each column means, for whoever fills the file in."""
    kinds = ", ".join(f"{value} ({label})" for value, label in Kind.choices)
    return [
        ("code", _("Code of the resource; a line is known by it. One line for each thing that it needs.")),
        ("kind", _("What it is: %(kinds)s.") % {"kinds": kinds}),
        ("name_zh", _("Chinese name. A new resource needs one of the two names.")),
        ("name_en", _("English name.")),
        ("organisation", _("Code of the organisation that owns it.")),
        ("supporting", _("yes: it has no grading factors of its own and takes the highest grade of what needs it.")),
        ("responsible", _("User name of the responsible person.")),
        ("post", _("Code or name of the responsible post of the owner.")),
        ("valid_from", _("First day in the register, such as 2026-11-20; blank: today.")),
        ("valid_to", _("Last day in the register; blank: no end.")),
        ("attributes", _("Particulars: name=value; name=value.")),
        ("remark", _("Whatever else a reader should know.")),
        ("needs", _("Code of one resource that it needs.")),
        ("group", _("Redundancy group: needs of one group stand in for each other, such as two power feeds.")),
        ("needed", _("How many of the group suffice; blank: 1.")),
        ("needs_from", _("First day of the dependency; blank: today, for a new resource its own first day.")),
        ("needs_to", _("Last day of the dependency; blank: no end.")),
        ("", _("A blank field changes nothing. Values only: no formulas.")),
    ]


def rows_of(resources: Iterable[Resource], dependencies: Iterable[Dependency]) -> Iterator[list[Any]]:
    """The lines of a register: one for each dependency, or one without. Those of one resource repeat its code alone."""
    resources = list(resources)
    needs: dict[int, list[Dependency]] = defaultdict(list)
    for one in dependencies:
        needs[one.resource_id].append(one)
    codes = dict(Organisation.objects.values_list("pk", "code"))
    names = dict(User.objects.filter(pk__in={one.responsible_id for one in resources}).values_list("pk", "username"))
    seen = {one.on_id for held in needs.values() for one in held}
    known = dict(Resource.objects.filter(pk__in=seen).values_list("pk", "code"))
    for one in resources:
        said: list[Any] = [
            one.code,
            one.kind,
            one.name_zh,
            one.name_en,
            codes.get(one.organisation_id, ""),
            _("yes") if one.supporting else _("no"),
            names.get(one.responsible_id, ""),
            one.post.code if one.post else "",
            one.since,
            _last(one.valid.upper),
            told(one.attributes),
            one.remark,
        ]
        blank = [one.code, *[""] * (len(said) - 1)]
        mine = [held for held in needs[one.pk] if held.on_id in known]  # what the asker does not see stays out
        if not mine:
            yield [*said, *[""] * (len(COLUMNS) - len(said))]
        for held in mine:
            needed = known[held.on_id], held.group, held.needed, held.since, _last(held.valid.upper)
            yield [*said, *needed]
            said = blank


def _last(until: date | None) -> date | None:
    return until - timedelta(days=1) if until else None


def register(resources: Iterable[Resource], dependencies: Iterable[Dependency]) -> bytes:
    """The register as a workbook that can be mended and given back; without lines, the template."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        head, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(_("Resources"))
        for column, name in enumerate(COLUMNS):
            dated = name.endswith(("_from", "_to"))
            sheet.set_column(column, column, WIDE.get(name, 14), day if dated else text)
            sheet.write_string(0, column, name, head)
        sheet.freeze_panes(1, 1)
        for line, cells in enumerate(rows_of(resources, dependencies), start=1):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                elif isinstance(cell, int):
                    sheet.write_number(line, column, cell)
                elif cell:
                    sheet.write_string(line, column, str(cell), text)
        words = book.add_worksheet(_("Notes"))
        words.set_column(0, 0, 16)
        words.set_column(1, 1, 100)
        for row, (name, meaning) in enumerate(notes()):
            words.write_string(row, 0, name)
            words.write_string(row, 1, meaning)
    return target.getvalue()


def response(content: bytes, name: str) -> FileResponse:
    """A workbook to keep."""
    return FileResponse(
        io.BytesIO(content), as_attachment=True, filename=name, content_type=exports.CONTENT_TYPES["xlsx"]
    )
