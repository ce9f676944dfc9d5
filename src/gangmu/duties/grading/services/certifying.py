"""Making the certificates of a grade: Word and PDF in both languages, kept with the organisation's documents."""

import re
from io import BytesIO

from django.db import transaction
from django.utils import translation

from gangmu.duties.grading.access import CONFIRM, GRADE, scope_for
from gangmu.duties.grading.errors import NotPossible, NotReady, _
from gangmu.duties.grading.models import Certificate, Grading
from gangmu.duties.grading.printing import WRITERS
from gangmu.duties.grading.printing.content import certificate_of
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.records.services import note

LANGUAGES = {"zh": "zh-hans", "en": "en"}
ADD = "documents:add"


def may_certify(grading: Grading, scope: Scope) -> bool:
    """Whether somebody may make the certificates now: once, of a grade in force."""
    able = scope.may_at(GRADE, grading.organisation_id) or scope.may_at(CONFIRM, grading.organisation_id)
    in_force = grading.status == Grading.Status.IN_FORCE
    return able and scope.may_at(ADD, grading.organisation_id) and in_force and not grading.certificates.exists()


@transaction.atomic
def certify(grading: Grading, *, by: User, scope: Scope | None = None) -> list[Certificate]:
    """Make the certificates of a grade in force; those that were made are given again, as they were.

    Raises:
        NotReady: the grade is not in force. NotPossible: the roles of `by` do not cover it.
    """
    grading = (
        Grading.objects.select_for_update(of=("self",)).select_related("resource__organisation").get(pk=grading.pk)
    )
    made = list(grading.certificates.all())
    if made:
        return made
    if grading.status != Grading.Status.IN_FORCE:
        raise NotReady(
            _("Certificates are made of grades in force; this one is: %(status)s."), status=grading.get_status_display()
        )
    if not may_certify(grading, scope_for(by, scope)):
        raise NotPossible(_("Your roles do not let you make certificates here: “add documents” is needed too."))
    made = [_make(grading, kind, language, by) for language in LANGUAGES for kind in WRITERS]
    note("grading.certificate-made", by=by, organisation=grading.organisation, subject=grading)
    return made


def _make(grading: Grading, kind: str, language: str, by: User) -> Certificate:
    with translation.override(LANGUAGES[language]):
        content = certificate_of(grading)
        name = re.sub(r'[\\/:*?"<>|\s]+', "_", f"{content.title}-{grading.resource.name}-{content.number}") + f".{kind}"
        title = f"{content.title} {content.number}"
    document = add_document(
        BytesIO(WRITERS[kind](content)), name=name, by=by, organisation=grading.organisation, title=title
    )
    return Certificate.objects.create(
        grading=grading, organisation_id=grading.organisation_id, kind=kind, language=language, document=document
    )
