"""Having a workbook imported by a worker."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import FILE
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.jobs import services as jobs
from gangmu.foundation.jobs.models import Job

IMPORT = "filing.import-sheet"


def start_import(
    document: Document,
    *,
    form: str,
    by: User,
    scope: Scope,
    key: str,
    period: str = "",
    accept_rounding: bool = False,
    keep_good: bool = False,
    submit: bool = False,
) -> Job:
    """Have a worker import a workbook into the sheets of a form; what the options mean: `importing.import_workbook`.

    Args:
        document: one that `by` may see.
        key: the idempotency key; the same key gives the same job.

    Raises:
        PermissionDenied: `by` files nowhere.
    """
    if not scope.may(FILE):
        raise PermissionDenied(_("Your roles do not let you file figures."))
    params: dict[str, Any] = {
        "document": document.pk,
        "form": form,
        "period": period,
        "accept_rounding": accept_rounding,
        "keep_good": keep_good,
        "submit": submit,
        "language": get_language() or "",
    }
    return jobs.start(IMPORT, by=by, params=params, key=key, organisation=document.organisation)
