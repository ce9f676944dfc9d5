"""Who else makes editions. Reports with a definition are made here; a room above registers its own kind of report."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from gangmu.figures.reports.models import Edition
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.kinds import Words


class Maker(Protocol):
    """A kind of reports whose editions are kept, listed and sent here."""

    def titles(self) -> Mapping[str, Words]:
        """Its reports by their codes."""
        ...

    def address(self, edition: Edition, **more: str) -> str:
        """The page that shows an edition."""
        ...

    def readers(self, edition: Edition) -> Iterable[User]:
        """To whom an edition is sent besides those who have subscribed. Asked by the workers alone."""
        ...


_makers: list[Maker] = []


def register(maker: Maker) -> None:
    _makers.append(maker)


def titles() -> dict[str, Words]:
    """The reports of all makers."""
    return {code: title for one in _makers for code, title in one.titles().items()}


def maker_of(code: str) -> Maker | None:
    return next((one for one in _makers if code in one.titles()), None)
