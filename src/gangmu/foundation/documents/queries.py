"""The reads. Row security narrows them to what the asker may see."""

import re

from django.db.models import QuerySet

from gangmu.foundation.documents.models import Document
from gangmu.foundation.parties.models import Organisation

_BEYOND_ASCII = re.compile(r"([^\x01-\x7f])")


def needle(word: str) -> str:
    """A word as it stands in `Document.search`: lower case, every character outside ASCII twice."""
    return _BEYOND_ASCII.sub(r"\1\1", word.lower())


def documents(*, search: str = "", organisation: Organisation | None = None) -> QuerySet[Document]:
    """Documents whose title or file name holds every word of `search`, the latest first."""
    found = Document.objects.select_related("organisation", "uploaded_by").order_by("-id")
    for word in search.split():
        found = found.filter(search__contains=needle(word))
    return found.filter(organisation=organisation) if organisation else found
