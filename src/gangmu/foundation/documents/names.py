"""Which files are taken: their names, and whether their content is what the name says."""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

LONGEST_NAME = 200
# control and format characters, among them those that turn the reading direction round
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$", re.IGNORECASE)


class DocumentRefused(Exception):
    """A file is not taken; the text says why and what to do."""


@dataclass(frozen=True)
class Kind:
    """What files of one extension must begin with, or hold when they are a zip; text has neither."""

    media_type: str
    beginnings: tuple[bytes, ...] = ()
    member: str = ""


ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "pdf": Kind("application/pdf", (b"%PDF-",)),
    "png": Kind("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": Kind("image/gif", (b"GIF87a", b"GIF89a")),
    "tif": Kind("image/tiff", (b"II*\x00", b"MM\x00*")),
    "tiff": Kind("image/tiff", (b"II*\x00", b"MM\x00*")),
    "docx": Kind(OFFICE + "wordprocessingml.document", ZIP, "word/"),
    "xlsx": Kind(OFFICE + "spreadsheetml.sheet", ZIP, "xl/"),
    "pptx": Kind(OFFICE + "presentationml.presentation", ZIP, "ppt/"),
    "doc": Kind("application/msword", OLE),
    "xls": Kind("application/vnd.ms-excel", OLE),
    "ppt": Kind("application/vnd.ms-powerpoint", OLE),
    "ofd": Kind("application/ofd", ZIP, "OFD.xml"),  # the national format for fixed-layout documents 版式文档
    "zip": Kind("application/zip", ZIP),
    "txt": Kind("text/plain"),
    "md": Kind("text/markdown"),
    "csv": Kind("text/csv"),
    "json": Kind("application/json"),
    "yaml": Kind("application/yaml"),
    "yml": Kind("application/yaml"),
}


def clean_name(name: str) -> str:
    """The name under which a file is kept and given out again.

    Raises:
        DocumentRefused: it could mislead a reader or harm a reader's machine.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not name or name.startswith(".") or name.endswith("."):
        raise DocumentRefused(_("A file's name does not begin or end with a dot. Rename the file, then send it again."))
    if len(name) > LONGEST_NAME:
        raise DocumentRefused(
            _("The name has %(length)d characters; %(longest)d are allowed. Rename the file, then send it again.")
            % {"length": len(name), "longest": LONGEST_NAME}
        )
    if FORBIDDEN.search(name) or any(unicodedata.category(letter) in UNSEEN for letter in name):
        raise DocumentRefused(
            _('The name holds a character that cannot be seen or one of \\ / : * ? " < > |. Rename the file.')
        )
    if RESERVED.match(name):
        raise DocumentRefused(_("Windows cannot store a file called %(name)s. Rename the file.") % {"name": name})
    return name


def kind_of(name: str) -> Kind:
    """What a file of this name has to be.

    Raises:
        DocumentRefused: files of this kind are not taken.
    """
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in KINDS:
        raise DocumentRefused(
            _("Files of the kind “%(extension)s” are not taken. Taken are: %(known)s.")
            % {"extension": extension or "?", "known": ", ".join(sorted(KINDS))}
        )
    return KINDS[extension]


def check_content(path: Path, name: str) -> str:
    """The media type of a stored file, once its content is found to be what its name says.

    Raises:
        DocumentRefused: it is something else.
    """
    kind = kind_of(name)
    with path.open("rb") as file:
        head = file.read(4096)
    if not (_is_text(head) if not kind.beginnings else head.startswith(kind.beginnings) and _holds(path, kind)):
        raise DocumentRefused(
            _("%(name)s is not what its name says. Open it in the program it comes from and save it again.")
            % {"name": name}
        )
    return kind.media_type


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start >= len(head) - 4 and len(head) >= 4096:  # cut in the middle of a character
                return True
            continue
        return True
    return False


def _holds(path: Path, kind: Kind) -> bool:
    if not kind.member:
        return True
    try:
        with zipfile.ZipFile(path) as archive:  # the directory alone is read, nothing is unpacked
            return any(name.startswith(kind.member) for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
