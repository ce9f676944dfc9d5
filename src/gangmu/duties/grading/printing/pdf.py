"""A certificate as PDF, set by Typst in Noto Sans SC; the same content gives the same bytes."""

import json
from datetime import datetime
from functools import lru_cache
from importlib import resources

import typst

from gangmu.duties.grading.errors import NotReady, _
from gangmu.duties.grading.printing.content import Certificate
from gangmu.foundation.ui.assets import BUILT

FONTS = BUILT / "fonts"


def write(certificate: Certificate) -> bytes:
    """The PDF file.

    Raises:
        NotReady: the front end, which brings the fonts, has not been built.
    """
    source = resources.files(__name__.rpartition(".")[0]).joinpath("certificate.typ").read_bytes()
    inputs = {"data": json.dumps(certificate.as_json(), ensure_ascii=False)}
    timestamp = int(datetime.fromisoformat(certificate.made_at).timestamp())
    compiler = typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)
    made = compiler.compile(source, timestamp=timestamp, format="pdf")
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Read once a process."""
    if not any(FONTS.glob("*.ttf")):
        raise NotReady(_("The fonts of certificates are missing. Build the front end: npm ci && npm run build."))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
