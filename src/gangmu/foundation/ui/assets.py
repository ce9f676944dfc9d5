"""Which files a front-end entry needs, read from the manifest that the build leaves beside them."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

BUILT = Path(__file__).parent / "static" / "gangmu"


@lru_cache(maxsize=1)
def manifest() -> dict[str, Any]:
    """The build's manifest; empty when nothing has been built."""
    path = BUILT / "manifest.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _chunks(entry: str) -> list[dict[str, Any]]:
    """`entry` and every chunk that it imports, each once, imports first."""
    found: dict[str, dict[str, Any]] = {}

    def visit(name: str) -> None:
        if name in found:
            return
        chunk = manifest()[name]
        for imported in chunk.get("imports", []):
            visit(imported)
        found[name] = chunk

    visit(entry)
    return list(found.values())


def tags(entry: str) -> SafeString:
    """The `<link>` and `<script>` elements for one entry, for instance `frontend/src/main.ts`."""
    if not manifest():
        return format_html("<!-- {} -->", "front end not built: npm ci && npm run build")
    chunks = _chunks(entry)
    styles = [(static(f"gangmu/{css}"),) for chunk in chunks for css in chunk.get("css", [])]
    imports = [(static(f"gangmu/{chunk['file']}"),) for chunk in chunks[:-1]]
    return format_html(
        '{}{}<script type="module" src="{}"></script>',
        format_html_join("", '<link rel="stylesheet" href="{}">', styles),
        format_html_join("", '<link rel="modulepreload" href="{}">', imports),
        static(f"gangmu/{chunks[-1]['file']}"),
    )
