"""A standard as OSCAL, in one file to take away."""

import io
import json
import zipfile

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.duties.norms.asked import asked
from gangmu.duties.norms.oscal import documents
from gangmu.duties.norms.rights import EXPORT
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker


@require_GET
def oscal(request: HttpRequest, slug: str) -> HttpResponse:
    """The catalogue, the profile of each cell, and what each resolves to, as a ZIP file."""
    this = asked(request, slug)
    if not request.scope.may(EXPORT):
        raise PermissionDenied(_("Your roles do not let you export standards."))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, document in documents(this.standard, clock.now(), this.choices).items():
            packed.writestr(name, json.dumps(document, ensure_ascii=False, indent=1))
    data = {"standard": this.standard.code, "edition": this.standard.edition}
    note("norms.exported", by=asker(request), data=data, request=request)
    answer = HttpResponse(content.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{this.standard.slug}-oscal.zip"'
    return answer
