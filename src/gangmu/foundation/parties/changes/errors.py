"""Why a change of organisations is refused. Nothing was changed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from gangmu.foundation.parties.dependents import Objection
from gangmu.foundation.parties.tree import ChangeRefused


class NotInTheTree(ChangeRefused):
    """The organisation does not stand in the tree on the day asked for."""

    def __init__(self, code: str, day: date) -> None:
        super().__init__(_("%(code)s is not in the tree on %(day)s") % {"code": code, "day": day})


class NothingToChange(ChangeRefused):
    """Everything is already as it was asked for."""

    def __init__(self) -> None:
        super().__init__(_("Everything is already so; there is nothing to change."))


class Stale(ChangeRefused):
    """What was looked at is not what would be changed now: somebody else was there in between."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed these organisations since you looked. Nothing was done; look at the preview again.")
        )


class NotYours(ChangeRefused):
    """The database does not let who has signed in change one of the organisations."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This reaches organisations that are not yours to change: who moves, and under whom, must be in the "
                "branch that you administer."
            )
        )


class Referred(ChangeRefused):
    """Something refers to an organisation that would be gone."""

    def __init__(self) -> None:
        super().__init__(_("Something refers to it already: people, roles, duties or documents. Take that away first."))


class WithoutReason(ChangeRefused):
    """Nobody said why."""

    def __init__(self) -> None:
        super().__init__(_("Say why: a change of organisations is recorded with its reason."))


class Objected(ChangeRefused):
    """What depends on the tree speaks against it. What may be done all the same must be said to be."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        self.objections = list(objections)
        told: list[Any] = [objection.text for objection in objections]
        super().__init__(" ".join(told))
