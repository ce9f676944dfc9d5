"""Icons drawn into the page, so that no request is needed for them. The drawings are Tabler's (MIT, icons/LICENSE)."""

from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).parent / "icons"


@cache
def _drawing(name: str) -> SafeString:
    path = FOLDER / f"{name}.svg"
    if not path.exists():
        raise LookupError(
            f"There is no icon {name!r} in {FOLDER.name}/. Put the outline drawing from Tabler Icons there, "
            f"or use one of: {', '.join(names())}."
        )
    text = path.read_text("utf-8")
    return mark_safe(text[text.index(">") + 1 : text.rindex("</svg>")])  # noqa: S308 (our own file)


@cache
def names() -> tuple[str, ...]:
    """The names of all icons, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.svg")))


@cache
def svg(name: str, label: str = "", css_class: str = "") -> SafeString:
    """One icon as inline SVG. Without a label it is decoration and hidden from screen readers."""
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon-{} {}" width="24" height="24" viewBox="0 0 24 24" {}>{}</svg>',
        name,
        css_class,
        voice,
        _drawing(name),
    )
