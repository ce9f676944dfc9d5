"""What users do with facts."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.jobs import services as jobs
from gangmu.foundation.jobs.models import Job

LOAD = "filing.load-facts"
PERMISSION = "figures:load"


def start_loading(document: Document, *, by: User, scope: Scope, key: str, correct: str = "") -> Job:
    """Have a worker load the facts of a CSV document; they enter as locked.

    Args:
        document: one that `by` may see.
        scope: of `by`; the file may speak of the organisations whose figures it lets them change.
        key: the idempotency key; the same key gives the same job.
        correct: the reason for which other values replace those that stand.

    Raises:
        PermissionDenied: `by` holds no role that may load.
    """
    if not scope.may(PERMISSION):
        raise PermissionDenied(_("Your roles do not include the loading of locked facts."))
    params = {"document": document.pk, "correct": correct, "language": get_language() or ""}
    return jobs.start(LOAD, by=by, params=params, key=key, organisation=document.organisation)
