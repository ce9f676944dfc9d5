"""What is not even opened: anything that is no workbook, that carries programs, or that would grow without end.

Everything is asked of the file's bytes before any reader of spreadsheets sees it. Every member of the archive is
unpacked once, counting, so that what its directory claims need not be believed; XML with a document type is refused.
"""

import re
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from gangmu.foundation.settings.textfiles import Unreadable

LARGEST_FILE = 64 * 1024 * 1024
LARGEST_UNPACKED = 256 * 1024 * 1024
SUSPICIOUS_MEMBER = 16 * 1024 * 1024  # only what is larger is asked for its ratio
MOST_RATIO = 250  # rows of equal cells reach about 60
MOST_MEMBERS = 2_000
CHUNK = 256 * 1024

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKUP = re.compile(rb"\A(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|table|head|meta|style|body|div)", re.IGNORECASE)
ENCODING = re.compile(rb"""\A<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
MACROS = re.compile(r"(^|/)vbaProject[^/]*\.bin$|^xl/macrosheets/|(^|/)vbaData\.xml$", re.IGNORECASE)
KEPT = re.compile(r"^xl/(workbook\.xml|styles\.xml|_rels/workbook\.xml\.rels|worksheets/[^/]+\.xml)$", re.IGNORECASE)


class WorkbookRefused(Unreadable):
    """The file as a whole is not taken; the text says what it is and what to give instead."""


@dataclass(frozen=True)
class Archive:
    """The members of a workbook that reading looks at, by their names, and the names of all."""

    parts: dict[str, bytes]
    names: tuple[str, ...]


def open_archive(path: Path, name: str = "") -> Archive:
    """The unpacked worksheets of a file that has been found harmless.

    Args:
        name: how people call the file, when it lies elsewhere under another name.

    Raises:
        WorkbookRefused: it is not an .xlsx workbook, or one that is not taken.
    """
    name = name or path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise WorkbookRefused(
            _("%(file)s cannot be read: %(why)s") % {"file": name, "why": error.strerror or error}
        ) from error
    if size > LARGEST_FILE:
        raise WorkbookRefused(
            _("%(file)s is larger than %(most)d MB. Split it by periods or organisations.")
            % {"file": name, "most": LARGEST_FILE >> 20}
        )
    _refuse_other_kinds(path, name, head)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_by_directory(members, name, size)
            return Archive(_unpack(archive, members, name, size), tuple(member.filename for member in members))
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError) as error:
        raise WorkbookRefused(
            _("%(file)s is damaged or not complete. Send it again; if that does not help, open it and save it anew.")
            % {"file": name}
        ) from error
    except RuntimeError as error:  # how zipfile says that a member is encrypted
        raise WorkbookRefused(_protected(name)) from error


def look_at(file: UploadedFile) -> None:
    """See that what was uploaded is a workbook, before it is kept; says what it is in better words than its beginning.

    Raises:
        WorkbookRefused: it is not, or one that is not taken.
    """
    with tempfile.NamedTemporaryFile(prefix="gangmu-look-", suffix=".xlsx") as copy:
        for block in file.chunks(CHUNK):
            copy.write(block)
        copy.flush()
        open_archive(Path(copy.name), file.name or "")
    file.seek(0)


def _protected(name: str) -> str:
    return _(
        "%(file)s is protected by a password. Open it, take the password away and save it, then send it again."
    ) % {"file": name}


def _refuse_other_kinds(path: Path, name: str, head: bytes) -> None:
    """Say what the file is when it is not an archive at all."""
    if head.startswith(b"PK"):
        return
    save_as = " " + _("Open it in Excel or WPS, save it as an Excel workbook (.xlsx), and send that.")
    if not head:
        raise WorkbookRefused(_("%(file)s is empty.") % {"file": name} + save_as)
    if head.startswith(OLE):
        content = path.read_bytes()
        if "EncryptedPackage".encode("utf-16-le") in content or "EncryptionInfo".encode("utf-16-le") in content:
            raise WorkbookRefused(_protected(name))
        raise WorkbookRefused(_("%(file)s is a workbook of the old format (.xls, .et).") % {"file": name} + save_as)
    if MARKUP.match(head):
        raise WorkbookRefused(
            _("%(file)s is a web page or XML table that only has the name of a workbook.") % {"file": name} + save_as
        )
    if b"\0" not in head and not head.startswith((b"%PDF", b"\x1f\x8b")):
        raise WorkbookRefused(
            _("%(file)s is text (CSV) that only has the name of a workbook. Its columns are not those of the template.")
            % {"file": name}
            + " "
            + _("Copy its figures into the template of the form.")
        )
    raise WorkbookRefused(_("%(file)s is not a workbook.") % {"file": name} + save_as)


def _refuse_by_directory(members: list[zipfile.ZipInfo], name: str, size: int) -> None:
    """What the archive says of itself is enough to refuse it."""
    names = [member.filename for member in members]
    folded = [one.casefold() for one in names]
    if len(members) > MOST_MEMBERS or len(set(folded)) != len(folded):
        raise WorkbookRefused(
            _("%(file)s was not made by a spreadsheet program: its parts make no sense.") % {"file": name}
        )
    if any(member.flag_bits & 1 for member in members):
        raise WorkbookRefused(_protected(name))
    if any(MACROS.search(one) for one in names):
        raise WorkbookRefused(
            _("%(file)s contains macros. Save it as an Excel workbook without macros (.xlsx), then send it again.")
            % {"file": name}
        )
    if "xl/workbook.xml" not in folded:
        if "xl/workbook.bin" in folded:
            what = _("%(file)s is a binary workbook (.xlsb).")
        elif "content.xml" in folded:
            what = _("%(file)s is an OpenDocument table (.ods).")
        else:
            what = _("%(file)s is an archive, not a workbook.")
        raise WorkbookRefused(
            what % {"file": name}
            + " "
            + _("Open it in Excel or WPS, save it as an Excel workbook (.xlsx), and send that.")
        )
    if sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise WorkbookRefused(_bomb(name))


def _bomb(name: str) -> str:
    return _(
        "%(file)s unpacks to more than %(most)d MB; it is not opened. Delete what is not needed, such as formats of "
        "empty rows, or split it."
    ) % {"file": name, "most": LARGEST_UNPACKED >> 20}


def _unpack(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str, size: int) -> dict[str, bytes]:
    """Unpack everything once, counting; keep what reading needs."""
    kept: dict[str, bytes] = {}
    total = 0
    for member in members:
        is_markup = member.filename.lower().endswith((".xml", ".rels", ".vml"))
        blocks: list[bytes] = []
        count = 0
        with archive.open(member) as stream:
            while block := stream.read(CHUNK):
                count += len(block)
                total += len(block)
                if total > LARGEST_UNPACKED or (count > SUSPICIOUS_MEMBER and count > MOST_RATIO * size):
                    raise WorkbookRefused(_bomb(name))
                if is_markup:
                    blocks.append(block)
        if is_markup:
            content = b"".join(blocks)
            _refuse_markup(content, member.filename, name)
            if KEPT.match(member.filename):
                kept[member.filename] = content
    return kept


def _refuse_markup(content: bytes, member: str, name: str) -> None:
    """No document types and entities, and nothing in an encoding in which they could hide."""
    declared = ENCODING.match(content.removeprefix(b"\xef\xbb\xbf"))
    is_utf8 = b"\0" not in content and (declared is None or declared[1].lower() in (b"utf-8", b"us-ascii", b"ascii"))
    upper = content.upper() if b"<!d" in content or b"<!e" in content else content
    if not is_utf8 or b"<!DOCTYPE" in upper or b"<!ENTITY" in upper:
        raise WorkbookRefused(
            _("%(file)s contains markup that no workbook needs (%(part)s); it is not opened.")
            % {"file": name, "part": member}
            + " "
            + _("Open it in Excel or WPS, save it as an Excel workbook (.xlsx), and send that.")
        )
