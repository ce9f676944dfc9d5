"""The graph as a picture and in words: boxes and lines for the eye, the same as a list for keyboards and phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import east_asian_width

from django.urls import reverse
from django.utils.translation import gettext as _

from gangmu.duties.resources.graph import NONE
from gangmu.duties.resources.layout import HIGH, WIDE, lay_out
from gangmu.duties.resources.models import Resource
from gangmu.duties.resources.queries import Net

MOST_DRAWN = 160  # boxes; more are no picture any more
ROOM = 20  # halves of a Chinese character that a box takes
MARGIN = 8
COLUMN, LEAST = 1130, 0.74  # a wider picture is shrunk to this, as long as it can be read; then it scrolls
HERE, FAILED, LOST, WEAKENED, HIDDEN = "net-here", "net-failed", "net-lost", "net-weakened", "net-hidden"
LINES = {LOST: "net-line-lost", WEAKENED: "net-line-weakened"}


@dataclass(frozen=True)
class Box:
    """A resource as it is drawn. `tone`: a class of the style sheet, or nothing."""

    x: float
    y: float
    label: str
    name: str
    kind: str
    href: str
    tone: str


@dataclass(frozen=True)
class Line:
    """A dependency as it is drawn; one of a redundancy group has its number at the side of who needs."""

    path: str
    tone: str
    spared: bool


@dataclass(frozen=True)
class Picture:
    """What the template draws."""

    width: float
    height: float
    boxes: Sequence[Box]
    lines: Sequence[Line]
    wide: int = WIDE
    high: int = HIGH
    label: str = ""

    @property
    def view_box(self) -> str:
        return f"{-MARGIN} {-MARGIN} {self.width + 2 * MARGIN:.0f} {self.height + 2 * MARGIN:.0f}"

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height on the page."""
        wide, high = self.width + 2 * MARGIN, self.height + 2 * MARGIN
        scale = min(1.0, max(LEAST, COLUMN / wide))
        return round(wide * scale), round(high * scale)


def draw(net: Net, tones: Mapping[int, str] | None = None, label: str = "") -> Picture | None:
    """The picture of a net whose nodes may have tones; None where there is nothing to join, or too much to see."""
    if not 0 < joined(net) <= MOST_DRAWN:
        return None
    laid = lay_out(net.edges)
    tones = tones or {}
    boxes = [_box(net.rows[one.node], one.x, one.y, tones.get(one.node, "")) for one in laid.boxes]
    source, target, group = net.edges.source.tolist(), net.edges.target.tolist(), net.edges.group.tolist()
    down = {LOST, FAILED}
    lines = []
    for one in laid.lines:
        broken = tones.get(target[one.edge]) in down
        tone = LOST if broken and tones.get(source[one.edge]) in down else WEAKENED if broken else ""
        lines.append(Line(one.path, LINES.get(tone, ""), group[one.edge] != NONE))
    return Picture(laid.width, laid.height, boxes, lines, label=label)


def joined(net: Net) -> int:
    """How many boxes there are to draw: what needs something or is needed."""
    return len({*net.edges.source.tolist(), *net.edges.target.tolist()})


def _box(row: Resource | None, x: float, y: float, tone: str) -> Box:
    if row is None:
        hidden = _("Outside your branch")
        return Box(x, y, shortened(hidden), hidden, "", "", tone or HIDDEN)
    kind = str(row.get_kind_display())
    return Box(x, y, shortened(row.name), row.name, kind, reverse("resources:one", args=[row.pk]), tone)


def shortened(text: str, room: int = ROOM) -> str:
    """As much of a name as a box takes."""
    taken = 0
    for at, letter in enumerate(text):
        taken += 2 if east_asian_width(letter) in "WF" else 1
        if taken > room and at < len(text) - 1:
            return text[:at].rstrip() + "…"
    return text


# In words -------------------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """What a resource needs: by itself, and of groups so many of some."""

    row: Resource | None
    alone: list["Step"] = field(default_factory=list)
    groups: list["Choice"] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One dependency and what it leads to."""

    pk: int
    row: Resource | None
    remark: str = ""


@dataclass
class Choice:
    """A redundancy group."""

    name: str
    needed: int
    members: list[Step] = field(default_factory=list)


def told(net: Net, node: int) -> Told:
    """What a node needs, in words."""
    found = Told(net.rows[node])
    choices: dict[int, Choice] = {}
    for edge in net.edges.needs(node):
        one = net.needs[edge]
        step = Step(one.pk, net.rows[int(net.edges.target[edge])], one.remark)
        of = int(net.edges.group[edge])
        if of == NONE:
            found.alone.append(step)
            continue
        if of not in choices:
            group = net.groups[of]
            choices[of] = Choice(group.name, group.needed)
            found.groups.append(choices[of])
        choices[of].members.append(step)
    return found
