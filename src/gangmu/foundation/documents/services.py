"""What is done with documents: add, give out, remove, tidy up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.db import transaction
from django.http import FileResponse
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents import storage
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.names import DocumentRefused, check_content, clean_name, kind_of
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

LIMIT = 100 * 1024 * 1024  # bytes


class ContentMissing(Exception):
    """A document's file is not in the data folder, or not as it was."""


@transaction.atomic
def add_document(
    stream: IO[bytes],
    *,
    name: str,
    by: User | None,
    organisation: Organisation | None = None,
    owner: User | None = None,
    title: str = "",
    limit: int = LIMIT,
) -> Document:
    """Keep a file for an organisation, or (`owner`) for one user alone.

    The content is on disk before the row is written; it stays if and only if the transaction commits.

    Raises:
        DocumentRefused: its name or kind is not taken, it is empty or too large, or not what its name says.
    """
    name = clean_name(name)
    kind_of(name)
    try:
        with storage.receive(stream, limit) as received:
            if not received.size:
                raise DocumentRefused(_("%(name)s is empty.") % {"name": name})
            media_type = check_content(received.path, name)
            received.keep()
    except storage.TooLarge as error:
        raise DocumentRefused(
            _("%(name)s is larger than %(limit)d MB. Make it smaller or send it in parts.")
            % {"name": name, "limit": limit // (1024 * 1024)}
        ) from error
    return Document.objects.create(
        organisation=organisation,
        owner=owner,
        name=name,
        title=title,
        media_type=media_type,
        size=received.size,
        sha256=received.sha256,
        uploaded_by=by,
        uploaded_at=clock.now(),
    )


def open_document(document: Document) -> IO[bytes]:
    """The content of a document that the caller has found in its scope.

    Raises:
        ContentMissing: the file is gone or has another size; a backup holds it.
    """
    path = storage.path_of(document.sha256)
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise ContentMissing(_missing(document)) from error
    if path.stat().st_size != document.size:
        file.close()
        raise ContentMissing(_missing(document))
    return file


def _missing(document: Document) -> str:
    return _(
        "The file of document %(number)d (%(name)s) is not in the data folder as it was. "
        "Tell the administrator: a backup holds it under %(sha256)s."
    ) % {"number": document.pk, "name": document.name, "sha256": document.sha256}


def download(document: Document, *, by: User) -> FileResponse:
    """The answer that sends a document as a file, and an event that says who got it.

    The row was found in the asker's scope inside the request's transaction; the content never changes under its hash,
    so the stream that runs after the transaction needs no scope of its own.
    """
    response = FileResponse(
        open_document(document), as_attachment=True, filename=document.name, content_type=document.media_type
    )
    response["Cache-Control"] = "private, no-store"
    note("documents.downloaded", by=by, organisation=document.organisation, subject=document)
    return response


def remove_document(document: Document) -> None:
    """Take a document away; its history stays, its content until the next tidying."""
    document.delete()


def tidy_up() -> int:
    """Remove content that no document refers to any more; how many files. Needs the system's connection."""
    return storage.collect(lambda sha256: Document.objects.filter(sha256=sha256).exists())


@dataclass(frozen=True)
class Damage:
    """A document whose content is missing or altered."""

    document: Document
    is_missing: bool


def check_contents() -> Iterator[Damage]:
    """Read every file again and compare it with its hash. Needs the system's connection."""
    for document in Document.objects.order_by("sha256").iterator(chunk_size=500):
        path = storage.path_of(document.sha256)
        if not path.exists():
            yield Damage(document, is_missing=True)
        elif storage.sha256_of(path) != document.sha256:
            yield Damage(document, is_missing=False)


__all__ = [
    "ContentMissing",
    "Damage",
    "DocumentRefused",
    "add_document",
    "check_contents",
    "download",
    "open_document",
    "remove_document",
    "tidy_up",
]
