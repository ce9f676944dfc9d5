"""A kind of subject for tests of pages: a leaflet with a text, kept in memory."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gangmu.foundation.approvals import services, subjects
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.approvals.subjects import ExceptionLine, Subject, SubjectKind
from gangmu.foundation.parties.models import Organisation

KIND = "tests.leaflet"
ROUTE = {
    "code": "leaflets",
    "name": {"zh": "文件审批", "en": "Approval of leaflets"},
    "nodes": [
        {
            "code": "plant",
            "name": {"zh": "电厂审核", "en": "Plant check"},
            "who": {"role": "reviewer", "level": "plant"},
            "deadline": {"hours": 4, "counted": "working"},
            "grants": "plant",
        },
        {
            "code": "region",
            "name": {"zh": "区域审核", "en": "Region check"},
            "who": {"role": "reviewer", "level": "region"},
            "deadline": {"hours": 4},
            "grants": "region",
        },
        {
            "code": "group",
            "name": {"zh": "集团审定", "en": "Group check"},
            "who": {"role": ["reviewer", "manager"], "level": "group"},
            "deadline": {"hours": 8},
            "grants": "group",
        },
    ],
}


DOWN = {
    "code": "leaflets_down",
    "name": {"zh": "文件下达", "en": "Leaflets issued"},
    "nodes": [
        {
            "code": "plant",
            "name": {"zh": "电厂签收", "en": "Plant receives"},
            "who": {"role": "reviewer", "level": "plant"},
            "purpose": "acknowledge",
            "deadline": {"hours": 24},
        }
    ],
}


@dataclass
class Leaflet:
    """What is decided on."""

    id: int
    title: str
    text: str
    organisation: int
    exceptions: tuple[ExceptionLine, ...] = ()


@dataclass
class Leaflets:
    """All leaflets of a test."""

    leaflets: dict[int, Leaflet] = field(default_factory=dict)

    def write(
        self, title: str, organisation: str = "P1", text: str = "1,234.5 MWh", *exceptions: ExceptionLine
    ) -> Leaflet:
        place = Organisation.objects.get(code=organisation)
        leaflet = Leaflet(len(self.leaflets) + 1, title, text, place.pk, exceptions)
        self.leaflets[leaflet.id] = leaflet
        return leaflet

    def submit(self, leaflet: Leaflet, by, words: str = "") -> Case:
        return services.submit(
            KIND,
            leaflet.id,
            route="leaflets",
            organisation=leaflet.organisation,
            by=by,
            key=f"submit-{leaflet.id}",
            words=words,
        )

    def issue(self, leaflet: Leaflet, by) -> Case:
        """Downward: the plant acknowledges that it has it."""
        receivers = {leaflet.id: leaflet.organisation}
        (case,) = services.issue(KIND, receivers, route="leaflets_down", by=by, key=f"issue-{leaflet.id}")
        return case

    def load(self, ids: Collection[int]) -> dict[int, Subject]:
        return {
            one: Subject(
                id=one,
                title=leaflet.title,
                url="",
                organisation_id=leaflet.organisation,
                facts=(("Generation", leaflet.text),),
                exceptions=leaflet.exceptions,
            )
            for one in ids
            if (leaflet := self.leaflets.get(one))
        }

    def hash(self, leaflet: int) -> str:
        return hashlib.sha256(self.leaflets[leaflet].text.encode()).hexdigest()


@contextmanager
def leaflets_known() -> Iterator[Leaflets]:
    """The kind registered, and its route loaded, for the time of a block."""
    leaflets = Leaflets()
    kind = SubjectKind(
        KIND, "Leaflet", "figures:approve", "figures:file", leaflets.load, leaflets.hash, lambda case, moved: None
    )
    subjects.register(kind)
    load_routes([ROUTE, DOWN], "local")
    try:
        yield leaflets
    finally:
        subjects._kinds.pop(KIND)
