"""The browser of this machine, for tests and for pictures of pages."""

import shutil

BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # Debian's name first
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_here() -> str | None:
    """The path of Chromium, or None where none is on PATH."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)
