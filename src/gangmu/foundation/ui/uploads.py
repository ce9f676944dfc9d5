"""What arrives with a form, before any view has looked at it.

Django reads a whole form, its files included, to find the token against forged requests. So who may send files, and how
much, is asked here: a stranger's files are passed over, and a body that no view would take is not read at all.
"""

from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gangmu.foundation.documents.services import LIMIT

MOST_BYTES = LIMIT + 1024 * 1024  # the largest document and the form around it


class Gate(FileUploadHandler):
    """The first of the upload handlers: lets nothing in, and the others get what it lets pass."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        if content_length > MOST_BYTES:
            raise RequestDataTooBig(f"{content_length} bytes")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None


def refuse_unprintable(request: HttpRequest) -> None:
    """No address and no form of ours holds the character NUL, and the database takes no text with it.

    Raises:
        BadRequest: there is one.
    """
    for fields in (request.GET, request.POST):
        for name, values in fields.lists():
            if "\0" in name or any("\0" in value for value in values):
                raise BadRequest(_("A character that cannot be stored is in what you sent (NUL). Remove it."))
    if "\0" in request.path:
        raise BadRequest(_("A character that cannot be stored is in what you sent (NUL). Remove it."))
