"""What one looks at: an index of all pictures, contact sheets of many at once, and the pictures of the documents."""

import base64
from collections.abc import Iterator, Sequence
from html import escape
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

from screenshots_pages import PICTURES, Shot
from screenshots_visit import LANGUAGES, MODES, WIDTHS, name_of

STYLE = """
body { font: 14px system-ui, sans-serif; margin: 16px; background: #eef0f3; color: #182433; }
h2 { margin: 24px 0 8px; font-size: 16px; } .row { display: flex; gap: 8px; align-items: flex-start; flex-wrap: wrap; }
figure { margin: 0; background: #fff; border: 1px solid #d0d5dd; } figcaption { font-size: 11px; padding: 2px 4px; }
img { display: block; object-fit: cover; object-position: top; } .wide { width: 360px; max-height: 400px; }
.narrow { width: 150px; max-height: 400px; }
"""
LARGER = ".wide { width: 465px; max-height: 640px; } .narrow { width: 196px; max-height: 640px; }"
LOADED = """() => Promise.all([...document.images].map((one) => {
  one.loading = "eager";
  return one.decode();
}))"""
PER_SHEET = {1440: 9, 390: 14}
LARGEST = 150_000  # bytes of a picture in the repository


def index(folder: Path, shots: Sequence[Shot]) -> None:
    """screenshots/index.html: a row of eight for each page."""
    parts = [f"<!doctype html><meta charset=utf-8><title>Screenshots</title><style>{STYLE}</style><h1>Screenshots</h1>"]
    for shot in shots:
        figures = []
        for width in WIDTHS:
            for language in LANGUAGES:
                for mode in MODES:
                    name = name_of(shot.file, language, width, mode)
                    if (folder / f"{name}.png").exists():
                        figures.append(_figure(f"{name}.png", f"{language} {width} {mode}", width))
        if figures:
            who = shot.account or "not signed in"
            parts.append(f"<h2 id={escape(shot.file)}>{escape(shot.file)} · {escape(shot.shows)} · {escape(who)}</h2>")
            parts.append(f"<div class=row>{''.join(figures)}</div>")
    (folder / "index.html").write_text("\n".join(parts), "utf-8")


def _figure(source: str, words: str, width: int) -> str:
    kind = "wide" if width > 500 else "narrow"
    return (
        f"<figure><a href={escape(source)}><img class={kind} src={escape(source)} loading=lazy></a>"
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )


def contact_sheets(browser: Browser, folder: Path, taken: Sequence[tuple[Shot, str, int, str]]) -> None:
    """contact-zh-1440-light-01.png …: many pictures at once, to be looked over."""
    for old in folder.glob("contact-*.png"):
        old.unlink()
    tab = browser.new_page(viewport={"width": 1480, "height": 900})
    page = folder / "contact.html"
    for language, width, mode in product(LANGUAGES, WIDTHS, MODES):
        names = [shot.file for shot, *how in taken if how == [language, width, mode]]
        for number, some in enumerate(batched(names, PER_SHEET[width]), 1):
            body = "".join(_figure(f"{name_of(one, language, width, mode)}.png", one, width) for one in some)
            page.write_text(f"<meta charset=utf-8><style>{STYLE}{LARGER}</style><div class=row>{body}</div>", "utf-8")
            tab.goto(page.as_uri())
            tab.evaluate(LOADED)
            tab.screenshot(path=folder / f"contact-{language}-{width}-{mode}-{number:02}.png", full_page=True)
    page.unlink(missing_ok=True)
    tab.close()


def batched(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


def pictures(browser: Browser, folder: Path, target: Path) -> None:
    """docs/images/NAME.webp of the chosen shots, as good as fits into 150 kB."""
    target.mkdir(exist_ok=True)
    tab = browser.new_page()
    for file, (shot, language, width, mode) in PICTURES.items():
        source = folder / f"{name_of(shot, language, width, mode)}.png"
        if not source.exists():
            raise SystemExit(f"{source.name} was not taken, so {file}.webp cannot be made")
        for quality in (0.9, 0.8, 0.7, 0.6, 0.5):
            content = _as_webp(tab, source.read_bytes(), quality)
            if len(content) <= LARGEST:
                break
        (target / f"{file}.webp").write_bytes(content)
        print(f"docs/images/{file}.webp: {len(content) // 1000} kB")
    tab.close()


def _as_webp(tab: Page, png: bytes, quality: float) -> bytes:
    """The browser writes it: no library is needed for eight pictures."""
    script = """async ([data, quality]) => {
      const image = new Image();
      image.src = "data:image/png;base64," + data;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", quality).split(",")[1];
    }"""
    return base64.b64decode(tab.evaluate(script, [base64.b64encode(png).decode(), quality]))
