"""The standards that the business rooms ship: they register folders, the files are read when first asked for."""

import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from gangmu.duties.norms.errors import StandardFault, UnknownStandard, _
from gangmu.duties.norms.standard import Standard
from gangmu.duties.norms.text import read_standard

_folders: dict[Path, None] = {}
_CODE = re.compile(r"^standard:\s*[\"']?([^\"'#\n]+)", re.M)


def register_folder(folder: Path) -> None:
    """Make the standards in the folders of a folder known; a business room calls it when it starts."""
    if folder not in _folders:
        _folders[folder] = None
        codes.cache_clear()


@cache
def codes() -> dict[str, Path]:
    """The shipped standards by code, and their folders; only the first lines of each are looked at.

    Raises:
        StandardFault: two have one code, or one has none.
    """
    found: dict[str, Path] = {}
    for path in sorted(path for folder in _folders for path in folder.glob("*/standard.yaml")):
        named = _CODE.search(path.read_text("utf-8"))
        if named is None:
            raise StandardFault(f"{path.parent.name}/{path.name}", _("there is no line “standard: …”."))
        code = named[1].strip()
        if code in found:
            raise StandardFault(
                f"{path.parent.name}/{path.name}", _("%(folder)s has the standard %(code)s already."),
                folder=found[code].name, code=code,
            )  # fmt: skip
        found[code] = path.parent
    return found


@cache
def _read(folder: Path) -> Standard:
    return read_standard(folder)


def shipped(code: str) -> Standard:
    """A standard as shipped, by its code as written on the command line.

    Raises:
        UnknownStandard: there is none of this code; names those there are.
        StandardFault: its files are faulty.
    """
    known = codes()
    if code in known:
        return _read(known[code])
    near = get_close_matches(code.upper(), known, 1, 0.6)
    if near:
        raise UnknownStandard(
            _("There is no standard “%(code)s”; did you mean %(near)s? There are: %(known)s."),
            code=code[:40], near=near[0], known=", ".join(known),
        )  # fmt: skip
    raise UnknownStandard(
        _("There is no standard “%(code)s”. There are: %(known)s."), code=code[:40], known=", ".join(known) or "–"
    )


def standards() -> list[Standard]:
    """All of them."""
    return [_read(folder) for folder in codes().values()]
