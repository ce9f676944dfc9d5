"""What people say: explanations of warnings, remarks on cells."""

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import require, scope_for
from gangmu.figures.filing.errors import NotReady
from gangmu.figures.filing.layouts import Key, layout
from gangmu.figures.filing.models import Explanation, Remark, Sheet
from gangmu.figures.filing.queries.checking import explains
from gangmu.figures.filing.queries.sheets import explanations
from gangmu.figures.filing.rules import Finding
from gangmu.figures.filing.services.events import name_of
from gangmu.figures.filing.services.saving import locked
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock


@transaction.atomic
def explain(sheet: Sheet, finding: Finding, *, words: str, by: User | None, scope: Scope | None = None) -> Explanation:
    """Say why a warning is right. The words hold for just these figures; others need new words.

    Raises:
        NotReady: no words, or an error, which has to be put right.
        NotOpen, NotAllowed: the sheet is not being filled in, or not by `by`.
    """
    sheet = locked(sheet)
    require("edit", sheet, scope_for(by, scope))
    said = words.strip()
    if not said:
        raise NotReady(_("Say in a few words why these figures are right."))
    if not finding.needs_words:
        raise NotReady(_("This has to be put right; words are not enough: %(finding)s") % {"finding": finding.text})
    before = explanations(sheet).get(finding.key)
    if before is not None and before.words == said and explains(before, finding):
        return before
    return Explanation.objects.create(
        sheet=sheet,
        organisation_id=sheet.organisation_id,
        finding=finding.key,
        figures=dict(finding.numbers),
        words=said,
        said_at=clock.now(),
        said_by=by,
        said_by_name=name_of(by),
    )


@transaction.atomic
def remark(sheet: Sheet, key: Key | None, *, words: str, by: User | None, scope: Scope | None = None) -> Remark:
    """Comment on a cell, or on the sheet when no cell is named. Remarks belong to what is decided on.

    Raises:
        NotReady: no words, or no such cell.
        NotAllowed: `by` neither files nor approves here.
    """
    sheet = Sheet.objects.select_related("form", "organisation").get(pk=sheet.pk)
    require("remark", sheet, scope_for(by, scope))
    said = words.strip()
    if not said:
        raise NotReady(_("Write what you want to say."))
    column = layout(sheet).cells.get(key) if key else None
    if key and column is None:
        raise NotReady(_("This cell is not part of the sheet (any more). Reload the page."))
    return Remark.objects.create(
        sheet=sheet,
        organisation_id=key[0] if key else sheet.organisation_id,
        indicator_id=column.id if column else None,
        words=said,
        said_at=clock.now(),
        said_by=by,
        said_by_name=name_of(by),
    )
