"""The language in which commands speak: GANGMU_LANGUAGE, zh-hans (the default) or en. Works without Django."""

import gettext
import os
from pathlib import Path


def wanted() -> str:
    """`zh-hans` or `en`."""
    return "en" if os.environ.get("GANGMU_LANGUAGE", "").lower().startswith("en") else "zh-hans"


def catalogue(locale: Path) -> gettext.NullTranslations:
    """The texts of a room's `locale` folder in the language wanted; English needs none."""
    if wanted() == "en":
        return gettext.NullTranslations()
    return gettext.translation("django", locale, ["zh_Hans"], fallback=True)
