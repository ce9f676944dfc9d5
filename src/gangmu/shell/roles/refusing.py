"""What the database refused, recorded and said."""

from django.http import HttpRequest

from gangmu.foundation.access.services import Refused
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.records.services import note_refusal


def noted(request: HttpRequest, refused: Refused) -> str:
    """Record a refusal on a connection of its own; the sentence for the page."""
    data = {"why": refused.reason, "detail": refused.detail, "path": request.path[:300]}
    note_refusal("access.refused", by=signed_in(request), data=data, request=request)
    return str(refused)
