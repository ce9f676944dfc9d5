"""The schemes that the business rooms ship: they register folders, the files are read when first asked for."""

from difflib import get_close_matches
from functools import cache
from pathlib import Path

from gangmu.duties.grading.errors import SchemeFault, UnknownScheme, _
from gangmu.duties.grading.reading import read_scheme
from gangmu.duties.grading.scheme import Scheme

_folders: dict[Path, None] = {}


def register_folder(folder: Path) -> None:
    """Make the schemes of a folder known; a business room calls it when it starts."""
    if folder not in _folders:
        _folders[folder] = None
        schemes.cache_clear()


@cache
def schemes() -> dict[str, Scheme]:
    """All shipped schemes by code, in the order of the files' names.

    Raises:
        SchemeFault: a file is faulty, or two have one code.
    """
    found: dict[str, Scheme] = {}
    for path in sorted((path for folder in _folders for path in folder.glob("*.yaml")), key=lambda path: path.name):
        scheme = read_scheme(path)
        if scheme.code in found:
            raise SchemeFault(path.name, _("another file has the scheme %(code)s already."), code=scheme.code)
        found[scheme.code] = scheme
    return found


def shipped(code: str) -> Scheme:
    """A scheme as shipped.

    Raises:
        UnknownScheme: there is none of this code; names those there are.
    """
    known = schemes()
    if code in known:
        return known[code]
    near = get_close_matches(code.upper(), known, 1, 0.6)
    if near:
        raise UnknownScheme(
            _("There is no scheme “%(code)s”; did you mean %(near)s? There are: %(known)s."),
            code=code[:40], near=near[0], known=", ".join(known),
        )  # fmt: skip
    text = _("There is no scheme “%(code)s”. There are: %(known)s.")
    raise UnknownScheme(text, code=code[:40], known=", ".join(known))
