"""What of this room goes through approval: sheets and corrections."""

import hashlib
import json
from collections.abc import Collection

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from gangmu.figures.filing.access import APPROVE, FILE
from gangmu.figures.filing.models import Correction
from gangmu.figures.filing.queries.content import content_hash, content_hashes
from gangmu.figures.filing.queries.subjects import correction_contents, load_corrections, load_sheets
from gangmu.figures.filing.services import correcting, following
from gangmu.foundation.approvals.subjects import SubjectKind, register
from gangmu.foundation.records.kinds import register_kind


def correction_hashes(ids: Collection[int]) -> dict[int, str]:
    """The hashes of what is decided on with corrections."""
    return {
        pk: hashlib.sha256(
            json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()
        for pk, content in correction_contents(ids).items()
    }


def correction_hash(correction_id: int) -> str:
    """The hash of one correction.

    Raises:
        Correction.DoesNotExist: there is none in the asker's scope.
    """
    found = correction_hashes([correction_id])
    if correction_id not in found:
        raise Correction.DoesNotExist(correction_id)
    return found[correction_id]


SHEET = SubjectKind(
    code="filing.sheet",
    label=_("sheet"),
    decide_permission=APPROVE,
    ask_permission=FILE,
    load=load_sheets,
    content_hash=content_hash,
    content_hashes=content_hashes,
    moved=following.moved,
    moved_many=following.moved_many,
)
CORRECTION = SubjectKind(
    code="filing.correction",
    label=_("correction"),
    decide_permission=APPROVE,
    ask_permission=FILE,
    load=load_corrections,
    content_hash=correction_hash,
    content_hashes=correction_hashes,
    moved=correcting.moved,
)


RECORDED = {
    "filing.form-loaded": gettext_noop("Form loaded"),
    "filing.submitted": gettext_noop("Sheet submitted"),
    "filing.locked": gettext_noop("Sheet locked"),
    "filing.month-closed": gettext_noop("Month closed"),
    "filing.month-reopened": gettext_noop("Month reopened"),
    "filing.correction-submitted": gettext_noop("Correction submitted"),
    "filing.corrected": gettext_noop("Figures corrected"),
    "filing.duty-begun": gettext_noop("Filing for others begun"),
    "filing.duty-ended": gettext_noop("Filing for others ended"),
}


def register_kinds() -> None:
    """Make both known to approvals, and name what is recorded of them."""
    register(SHEET)
    register(CORRECTION)
    for kind, title in RECORDED.items():
        register_kind(kind, title)
