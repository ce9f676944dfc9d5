"""What an explanation says of tax, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gangmu.shell.figures.choices import TAX
from gangmu.shell.figures.mathematics import in_language


@dataclass(frozen=True)
class Taxed:
    """With tax or without, at which rates. `url_of` gives the address of another indicator's explanation."""

    told: dict[str, Any]
    url_of: Callable[[str], str]

    @property
    def basis(self) -> str | Promise:
        return TAX[self.told["basis"]]

    @property
    def companion(self) -> str:
        """The code of the indicator that tells the same on the other basis."""
        return self.told["companion"]

    @property
    def companion_url(self) -> str:
        return self.url_of(self.companion)

    @property
    def rates(self) -> list[dict[str, Any]]:
        """Those of the period: name, percent, days, source, and whether somebody has checked it."""
        found = []
        for tax in self.told["taxes"]:
            for rate in tax["rates"]:
                words = {"name": in_language(tax["name"]), "source": in_language(rate["source"])}
                found.append({**rate, **words, "days": days_words(rate["since"], rate["until"])})
        return found


def days_words(since: str | None, until: str | None) -> str:
    """Since when and until when something holds."""
    if since and until:
        return _("from %(since)s to %(until)s") % {"since": since, "until": until}
    if since:
        return _("since %(day)s") % {"day": since}
    return _("until %(day)s") % {"day": until} if until else _("at all times")
