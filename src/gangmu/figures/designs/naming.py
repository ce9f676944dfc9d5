"""What files of reports are called."""

import re

from django.utils.translation import gettext as _

from gangmu.figures.designs.models import Design
from gangmu.foundation.parties.models import Organisation


def file_name(
    design: Design, organisation: Organisation, period: str, language: str, kind: str, edition: int | None = None
) -> str:
    """经营月报-集团-2026-10-第1版.xlsx, in the active language."""
    name = organisation.name_zh if language.startswith("zh") else organisation.name_en
    parts = [design.named(language), str(name or organisation.name), period]
    if edition is not None:
        parts.append(_("edition %(number)d") % {"number": edition})
    return re.sub(r'[\\/:*?"<>|\s]+', "_", "-".join(parts)) + f".{kind}"
