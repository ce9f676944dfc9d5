"""The services that a grade promises 服务目录, from the clauses of the grade's cell."""

from dataclasses import dataclass

from gangmu.duties.grading.models import Grading
from gangmu.foundation.accounts.models import User


@dataclass(frozen=True)
class Service:
    """One service of a grade: to which group it belongs, when it is given, and in which clause it stands."""

    group: str
    name: str
    hours: str
    clause: str


def services_of(grading: Grading) -> list[Service]:
    """The services of a grade, in the standard's order; none where its scheme has no catalogue."""
    return []


def freeze(grading: Grading, by: User) -> None:
    """Freeze the clauses of the grade's cell as the system's baseline."""
