"""What the address of a page asks: edition, cell, choices, words."""

from dataclasses import dataclass, field
from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from gangmu.duties.norms import queries
from gangmu.duties.norms.errors import NormsError, UnknownStandard
from gangmu.duties.norms.models import Edition
from gangmu.duties.norms.resolving import Resolved
from gangmu.duties.norms.rights import VIEW
from gangmu.duties.norms.standard import Standard


@dataclass
class Asked:
    """The standard of a page, and what of it."""

    request: HttpRequest
    edition: Edition
    standard: Standard = field(init=False)

    def __post_init__(self) -> None:
        self.standard = queries.standard_of(self.edition)

    @property
    def named_edition(self) -> str:
        """The edition, when it is not the current one: pages then say so in their links."""
        return "" if self.edition.is_current else str(self.edition.edition)

    @cached_property
    def given(self) -> dict[str, str]:
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        return {name: value.strip()[:200] for name, value in data.items() if isinstance(value, str)}

    def cell(self, name: str = "cell") -> str:
        """A cell, and those that are combined with it."""
        also = self.given.get("also", "") if name == "cell" else ""
        first = self.given.get(name, "")
        return f"{first},{also}" if first and also and also not in first.split(",") else first

    @property
    def choices(self) -> dict[str, str]:
        found = {subject: self.given.get(f"choice-{subject}", "") for subject in self.standard.subjects}
        return {subject: one for subject, one in found.items() if one}

    def resolved(self) -> tuple[Resolved | None, str]:
        """What holds in the cell asked for, or why nothing does."""
        try:
            return queries.resolved(self.edition, self.cell(), self.choices), ""
        except NormsError as error:
            return None, str(error)


def asked(request: HttpRequest, slug: str) -> Asked:
    """The standard that an address names, for whoever may read standards.

    Raises:
        Http404: there is none, or no such edition.
    """
    if not request.scope.may(VIEW):
        raise PermissionDenied(_("Your roles do not let you read standards."))
    try:
        return Asked(request, queries.edition_named(slug, request.GET.get("edition", "")))
    except UnknownStandard as error:
        raise Http404(str(error)) from error
