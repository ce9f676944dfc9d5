"""What is published to whom, and the rankings themselves.

A ranking is worked out in the scope of the organisation whose plants are ranked, not in the asker's. What of it leaves
this module is a `Ranking`: the published columns, and whether a line is the asker's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection
from django.utils.translation import gettext as _

from gangmu.figures.cube.gateway import Answer, Question, ask_all
from gangmu.figures.cube.question import STATES, Row
from gangmu.figures.cube.reading import read
from gangmu.figures.cube.services import store
from gangmu.figures.cube.storage import Snapshot
from gangmu.figures.cube.tree import OrganisationRow, Tree
from gangmu.figures.publications.errors import NotPublished
from gangmu.figures.publications.models import Publication
from gangmu.figures.tiles.showing import TENTH, signed
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.definitions import kinds_with_boards
from gangmu.foundation.boards.keeping import Kept
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

ROOM = "figures"
Column = Publication.Column


@dataclass(frozen=True)
class Published:
    """A publication as those know it to whom it is granted."""

    pk: int
    names: Words
    organisation: str
    indicators: tuple[str, ...]
    columns: tuple[str, ...]
    grains: tuple[str, ...]
    fuels: tuple[str, ...]
    order: str
    at_least: int
    figures_from: date
    publisher: Words

    @property
    def name(self) -> str:
        return str(self.names)

    def shows(self, column: str) -> bool:
        return column in self.columns


@dataclass(frozen=True)
class Line:
    """One plant of a ranking. `place` is the same for equal figures; figures are texts of the published indicators."""

    place: int
    name: str
    figures: tuple[str | None, ...]
    company: str = ""
    fuel: str = ""
    rate: str | None = None
    points: str | None = None
    is_own: bool = False
    code: str = field(default="", repr=False)  # of one's own alone

    @property
    def change(self) -> str:
        """The first figure's change on the year, for a reader; empty where it is not published or not known."""
        if self.points is not None:
            return f"{signed(Decimal(self.points))} {_('points')}"
        return signed((Decimal(self.rate) * 100).quantize(TENTH, ROUND_HALF_UP)) + "%" if self.rate is not None else ""


@dataclass(frozen=True)
class Ranking:
    """The lines in order; `silent` plants have no figure. `state` is the lowest among the figures."""

    publication: Published
    period: Period
    units: tuple[str, ...]
    lines: tuple[Line, ...]
    silent: int
    state: str | None

    @property
    def own(self) -> list[Line]:
        return [line for line in self.lines if line.is_own]


def granted(on: date | None = None) -> list[Published]:
    """What is published to whoever has signed in, on a day (today when left out)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM publications_granted(%s)", [on or clock.today()])
        return [_published(*row) for row in cursor.fetchall()]


def may_manage(publication: Publication) -> Published:
    """A publication as a row, for those who may see the organisation whose plants it ranks."""
    one, organisation = publication, publication.organisation
    return _published(
        one.pk, one.name_zh, one.name_en, str(organisation.code), one.indicators, one.columns, one.grains, one.fuels,
        one.order, one.at_least, one.figures_from, organisation.name_zh, organisation.name_en,
    )  # fmt: skip


def _published(
    pk: int,
    name_zh: str,
    name_en: str,
    organisation: str,
    indicators: Sequence[str],
    columns: Sequence[str],
    grains: Sequence[str],
    fuels: Sequence[str],
    order: str,
    at_least: int,
    figures_from: date,
    publisher_zh: str,
    publisher_en: str,
    *_rest: object,
) -> Published:
    return Published(
        pk,
        Words(name_zh or name_en, name_en or name_zh),
        organisation,
        tuple(indicators),
        tuple(columns),
        tuple(grains),
        tuple(fuels),
        order,
        at_least,
        figures_from,
        Words(publisher_zh or publisher_en, publisher_en or publisher_zh),
    )


def require_told(publication: Published, period: Period) -> None:
    """Refuse a period that the publication does not tell.

    Raises:
        NotPublished: it is of another kind, begins before the figures do, or has not begun yet.
    """
    if str(period.kind) not in publication.grains:
        raise NotPublished(_("This ranking is not published for a period of this kind."))
    if period.start < publication.figures_from or period.start > clock.today():
        raise NotPublished(
            _("This ranking is published for periods from %(first)s on.") % {"first": publication.figures_from}
        )


def is_told(publication: Published, period: Period) -> bool:
    try:
        require_told(publication, period)
    except NotPublished:
        return False
    return True


def ranking(publication: Published, period: Period, scope: Scope) -> Ranking:
    """All plants of the publication by its first indicator; `scope` is the asker's, and says which are their own.

    Raises:
        NotPublished: the publication does not tell this period.
        CubeBehind: the cube cannot be read now.
    """
    require_told(publication, period)
    branch = _branch(publication)
    questions = _questions(publication, period, [one.row.code for one in branch.plants])
    rows: dict[str, dict[str, Row]] = {}
    for answer in ask_all(questions, branch.scope) if branch.plants else ():
        for row in answer.rows if isinstance(answer, Answer) else ():
            rows.setdefault(row.organisation, {})[row.indicator] = row
    first = publication.indicators[0]
    with_figure = [one for one in branch.plants if (row := rows.get(one.row.code, {}).get(first)) and row.value]
    most = publication.order == Publication.Order.MOST
    with_figure.sort(key=lambda one: (Decimal(rows[one.row.code][first].value or 0) * (-1 if most else 1), one.name))
    mine = scope.ids(ROOM)
    lines: list[Line] = []
    for count, one in enumerate(with_figure, 1):
        figures = rows[one.row.code]
        before = lines[-1] if lines else None
        ties = before is not None and before.figures[0] == figures[first].value
        own = scope.everything or one.row.id in mine
        lines.append(_line(publication, before.place if ties and before else count, one, figures, own=own))
    states = [row.state for of_plant in rows.values() for row in of_plant.values() if row.state]
    return Ranking(
        publication,
        period,
        tuple(_unit(rows, code) for code in publication.indicators),
        tuple(lines),
        sum(bool((row := of_plant.get(first)) and row.value is None and row.expected) for of_plant in rows.values()),
        min(states, key=STATES.index) if states else None,
    )


@dataclass(frozen=True)
class _Plant:
    row: OrganisationRow
    company: Words
    fuel: str

    @property
    def name(self) -> str:
        return str(Words(self.row.name_zh or self.row.name_en, self.row.name_en or self.row.name_zh))


@dataclass(frozen=True)
class _Branch:
    """The plants of a publication, and the scope of the organisation that publishes them."""

    plants: tuple[_Plant, ...]
    scope: Scope


_kept = Kept(most=100_000)  # plants


def _branch(publication: Published) -> _Branch:
    """As the tree stands today; found once while it stands so."""
    key = store().tree_stamp, clock.today(), publication.organisation, publication.fuels, tuple(kinds_with_boards())
    found = _kept.get(key)
    if found is None:
        found = _find_branch(publication)
        _kept.put(key, found, len(found.plants) + 1)
    return found


def _find_branch(publication: Published) -> _Branch:
    today, with_boards = clock.today().toordinal(), set(kinds_with_boards())

    def find(_snapshot: Snapshot, tree: Tree) -> _Branch:
        top = tree.by_code.get(publication.organisation)
        if top is None:
            return _Branch((), Scope(None))
        below = {pk for pk, start, end in tree.below(top.id) if start <= today < end}
        parents = {above[1] for pk in below if tree.kind(pk) in with_boards and len(above := tree.above(pk, today)) > 1}
        plants = [pk for pk in sorted(below) if tree.kind(pk) in with_boards and pk not in parents]
        found = [
            _Plant(tree.organisations[pk], _company(tree, pk, top.id, today), _fuel(tree, pk, today)) for pk in plants
        ]
        wanted = set(publication.fuels)
        kept = tuple(one for one in found if not wanted or one.fuel in wanted)
        return _Branch(kept, Scope(None, False, frozenset(), {ROOM: frozenset(below | {top.id})}))

    return read(find)


def _company(tree: Tree, plant: int, top: int, today: int) -> Words:
    above = tree.above(plant, today)
    at = above.index(top) if top in above else 0
    one = tree.organisations[above[at - 1]] if at > 1 else None
    return Words(one.name_zh or one.name_en, one.name_en or one.name_zh) if one else Words("", "")


def _fuel(tree: Tree, plant: int, today: int) -> str:
    held = next((value for start, end, value in tree.attribute(plant, "fuel") if start <= today < end), "")
    attribute = kinds.attributes().get("fuel")
    choice = attribute.choice(held) if attribute and held else None
    return choice.code if choice else held


def _questions(publication: Published, period: Period, plants: Sequence[str]) -> list[Question]:
    """One question; with the change on the year where it is published."""
    compare = "year-ago" if publication.shows(Column.CHANGE) else None
    if compare:
        try:
            period.year_ago()
        except PeriodError:
            compare = None
    at_least = STATES[publication.at_least - 1]
    return [Question(publication.indicators, tuple(plants), (period.code,), compare=compare, at_least=at_least)]


def _line(publication: Published, place: int, one: _Plant, rows: Mapping[str, Row], *, own: bool) -> Line:
    """The published columns and nothing else."""
    first = rows[publication.indicators[0]]
    compare = first.compare if publication.shows(Column.CHANGE) else None
    attribute = kinds.attributes().get("fuel")
    fuel = attribute.shown(one.fuel) if attribute and one.fuel and publication.shows(Column.FUEL) else ""
    in_points = first.unit == "%"
    return Line(
        place,
        one.name,
        tuple(rows[code].value if code in rows else None for code in publication.indicators),
        str(one.company) if publication.shows(Column.COMPANY) else "",
        fuel,
        compare.rate if compare and not in_points else None,
        compare.change if compare and in_points else None,
        own,
        one.row.code if own else "",
    )


def _unit(rows: Mapping[str, Mapping[str, Row]], code: str) -> str:
    return next((of_plant[code].unit for of_plant in rows.values() if code in of_plant), "")
