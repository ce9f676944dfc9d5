"""The browser of this machine, for tests and for pictures of pages."""

import shutil

# Debian's names first, and of these the one that has no windows: it is half the work.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
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
