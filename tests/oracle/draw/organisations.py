"""Trees that change: organisations that move, close, come back, and change their capacity, fuel or province."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from oracle.world import OrganisationLine

MAY_STAND_BELOW = {
    "group": ("region", "plant"),
    "region": ("region", "plant"),
    "plant": ("phase", "unit", "reservoir"),
    "phase": ("unit",),
    "unit": (),
    "reservoir": (),
}
FUELS = ("coal", "gas", "hydro", "solar", "wind")
PROVINCES = ("130000", "370000", "440000", "530000")  # Hebei, Shandong, Guangdong, Yunnan
CAPACITIES = ("0", "12.5", "50", "100", "135.75", "300", "660", "1000")
SHARES = ("100", "51", "33.3", "60", "7.25", "0.001", "99.999999")
_PREFIX = {"group": "G", "region": "R", "plant": "P", "phase": "H", "unit": "U", "reservoir": "W"}


@dataclass(frozen=True)
class Standing:
    """What is true of an organisation from one change to the next. `parent` None: it is not there."""

    parent: str | None
    capacity_mw: str = ""
    fuel: str = ""
    province: str = ""
    ownership: str = ""


class Drawing:
    """Organisations and their standings, one after each change of the drawn time."""

    def __init__(self, rng: Random, features: Counter[str]) -> None:
        self.rng = rng
        self.features = features
        self.kinds: dict[str, str] = {}
        self.names: dict[str, int] = {}
        self.now: dict[str, Standing] = {}
        self.nested = False  # regions may stand below regions

    # The first tree

    def plant_trees(self) -> None:
        rng = self.rng
        size = rng.choice((1, 3, 5, 7, 9, 10, 11, 12, 13, 14, 15, 15))
        self.nested = rng.random() < 0.3
        self._add(rng.choice(("group",) * 12 + ("region", "plant", "plant", "unit")), "")
        if rng.random() < 0.15 and size > 3:
            self._add(rng.choice(("group", "group", "region", "plant")), "")
            self.features["tree: several roots"] += 1
        open_kinds: set[str] = set(rng.choice((("phase", "reservoir"), ("phase",), ("reservoir",), (), ())))
        backbone = ["region", "region", "plant", "plant", "phase", "unit", "unit", "unit"] if size > 8 else []
        for kind in backbone:
            parents = [code for code in self.kinds if kind in self._kinds_below(code, open_kinds)]
            if parents:
                self._add(kind, rng.choice([*parents, parents[-1]]))
        for _ in range(size * 3):
            if len(self.kinds) >= size:
                break
            parent = rng.choice(list(self.kinds))
            kinds = self._kinds_below(parent, open_kinds)
            if kinds:
                self._add(rng.choice([*kinds, *(kind for kind in kinds if kind in ("plant", "unit"))]), parent)
        levels = max(len(self._path(code)) for code in self.kinds)
        self.features[f"tree: levels {min(levels, 5)}"] += 1
        parents = {standing.parent for standing in self.now.values()}
        if any(kind == "plant" and code not in parents for code, kind in self.kinds.items()):
            self.features["tree: a plant without units"] += 1
        for kind in open_kinds & set(self.kinds.values()):
            self.features[f"tree: a {kind}"] += 1
        if any(
            kind == "region" and self.kinds.get(self.now[code].parent or "") == "region"
            for code, kind in self.kinds.items()
        ):
            self.features["tree: a region in a region"] += 1

    def _kinds_below(self, parent: str, open_kinds: set[str]) -> list[str]:
        return [
            kind
            for kind in MAY_STAND_BELOW[self.kinds[parent]]
            if (kind not in ("phase", "reservoir") or kind in open_kinds)
            and (kind != "region" or self.kinds[parent] != "region" or self.nested)
            and len(self._path(parent)) < 5
        ]

    def _add(self, kind: str, parent: str) -> None:
        number = self.rng.randrange(1, 100)
        code = _PREFIX[kind] + str(number)
        while code in self.kinds:
            number = self.rng.randrange(1, 1000)
            code = _PREFIX[kind] + str(number)
        self.kinds[code] = kind
        self.names[code] = number
        standing = Standing(parent)
        for name in ("capacity_mw", "fuel", "province", "ownership"):
            standing = replace(standing, **{name: self._attribute(name, kind)})
        self.now[code] = standing

    def _attribute(self, name: str, kind: str) -> str:
        """Some are missing: a unit without a fuel has its plant's, one without a capacity has none."""
        rng = self.rng
        if name == "capacity_mw":
            likely = {"unit": 0.85, "plant": 0.6, "phase": 0.3}.get(kind, 0.05)
            return rng.choice(CAPACITIES) if rng.random() < likely else ""
        if name == "ownership":
            likely = {"plant": 0.5, "unit": 0.15, "region": 0.1}.get(kind, 0.0)
            return rng.choice(SHARES) if rng.random() < likely else ""
        likely = {
            "fuel": {"unit": 0.4, "plant": 0.7, "region": 0.1},
            "province": {"plant": 0.6, "region": 0.4, "unit": 0.1},
        }
        return rng.choice(FUELS if name == "fuel" else PROVINCES) if rng.random() < likely[name].get(kind, 0.1) else ""

    def _path(self, code: str) -> list[str]:
        path = [code]
        while parent := self.now[path[-1]].parent:
            path.append(parent)
        return path

    def _with_all_below(self, code: str) -> list[str]:
        return [one for one in self.kinds if self._is_there(one) and code in self._path(one)]

    def _height(self, code: str) -> int:
        """How many levels it is, with those below it; 1 alone."""
        return 1 + max((len(self._path(one)) for one in self._with_all_below(code)), default=1) - len(self._path(code))

    def _is_there(self, code: str) -> bool:
        return self.now[code].parent is not None

    def _possible_parents(self, code: str) -> list[str]:
        return [
            other
            for other in self.kinds
            if self._is_there(other)
            and self.kinds[code] in MAY_STAND_BELOW[self.kinds[other]]
            and (self.nested or (self.kinds[code], self.kinds[other]) != ("region", "region"))
            and (not self._is_there(code) or code not in self._path(other))
            and other != self.now[code].parent
            and len(self._path(other)) + self._height(code) <= 5
        ]

    # Changes

    def change(self) -> None:
        happening = self.rng.choice(
            (self._move,) * 8
            + (self._close,) * 2
            + (self._open,) * 3
            + (self._change_attribute,) * 4
            + (self._nothing,)
        )
        happening()

    def _move(self) -> None:
        movable = [
            code
            for code in self.kinds
            if self._is_there(code) and self.now[code].parent and self._possible_parents(code)
        ]
        if not movable:
            return
        regions = [code for code in movable if self.kinds[code] == "region"]
        code = self.rng.choice(regions if regions and self.rng.random() < 0.3 else movable)
        below = len(self._with_all_below(code)) > 1
        self.now[code] = replace(self.now[code], parent=self.rng.choice(self._possible_parents(code)))
        self.features[f"tree: a {self.kinds[code]} moves"] += 1
        if below and self.kinds[code] == "region":
            self.features["tree: a whole region moves"] += 1

    def _close(self) -> None:
        """With all below it, or after its children have found another parent."""
        open_ones = [code for code in self.kinds if self._is_there(code) and self.now[code].parent]
        if not open_ones:
            return
        code = self.rng.choice(open_ones)
        for child in [one for one in self.kinds if self.now[one].parent == code]:
            others = [other for other in self._possible_parents(child) if other not in self._with_all_below(code)]
            if others and self.rng.random() < 0.6:
                self.now[child] = replace(self.now[child], parent=self.rng.choice(others))
        for one in self._with_all_below(code):
            self.now[one] = replace(self.now[one], parent=None)
        self.features["tree: a closure"] += 1

    def _open(self) -> None:
        closed = [code for code in self.kinds if not self._is_there(code) and self._possible_parents(code)]
        if not closed:
            return self._close()
        code = self.rng.choice(closed)
        self.now[code] = replace(self.now[code], parent=self.rng.choice(self._possible_parents(code)))
        self.features["tree: one comes back"] += 1
        return None

    def _change_attribute(self) -> None:
        open_ones = [code for code in self.kinds if self._is_there(code)]
        code = self.rng.choice(open_ones)
        name = self.rng.choice(("capacity_mw", "fuel", "province", "ownership"))
        value = self._attribute(name, self.kinds[code])
        if value != getattr(self.now[code], name):
            self.now[code] = replace(self.now[code], **{name: value})
            self.features[f"tree: another {name}"] += 1

    def _nothing(self) -> None:
        """A change of the day alone: the next line says the same."""


def draw_organisations(rng: Random, first: date, changes: list[date], features: Counter[str]) -> list[OrganisationLine]:
    """The lines for a world that begins on `first` and changes on the given days, in order."""
    drawing = Drawing(rng, features)
    drawing.plant_trees()
    absent = [code for code in drawing.kinds if drawing.now[code].parent]
    if absent and rng.random() < 0.3:
        for code in drawing._with_all_below(rng.choice(absent)):
            drawing.now[code] = replace(drawing.now[code], parent=None)
    moments = [dict(drawing.now)]
    for _ in changes:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            drawing.change()
        moments.append(dict(drawing.now))
    return _as_lines(drawing, [first, *changes], moments)


def _as_lines(drawing: Drawing, starts: list[date], moments: list[dict[str, Standing]]) -> list[OrganisationLine]:
    """One line for each stretch of time in which nothing changes; parents before children."""
    lines: list[tuple[date, int, OrganisationLine]] = []
    for code, kind in drawing.kinds.items():
        split_anyway = drawing.rng.random() < 0.1
        stretches: list[tuple[date, date | None, Standing, int]] = []
        for number, (start, moment) in enumerate(zip(starts, moments, strict=True)):
            standing = moment[code]
            if standing.parent is None:
                continue
            end = starts[number + 1] - timedelta(days=1) if number + 1 < len(starts) else None
            goes_on = stretches and stretches[-1][1] == start - timedelta(days=1) and stretches[-1][2] == standing
            if goes_on and not split_anyway:
                stretches[-1] = (stretches[-1][0], end, standing, stretches[-1][3])
            else:
                if goes_on:
                    drawing.features["tree: two lines that say the same"] += 1
                elif stretches and stretches[-1][1] != start - timedelta(days=1):
                    drawing.features["tree: a gap"] += 1
                stretches.append((start, end, standing, _depth(moment, code)))
        for start, end, standing, depth in stretches:
            line = OrganisationLine(
                code=code,
                name_zh=f"{code}号",
                name_en=f"{kind.title()} {drawing.names[code]}",
                kind=kind,
                parent=standing.parent or "",
                valid_from=start.isoformat(),
                valid_to=end.isoformat() if end else "",
                capacity_mw=standing.capacity_mw,
                fuel=standing.fuel,
                province=standing.province,
                ownership=standing.ownership,
            )
            lines.append((start, depth, line))
    lines.sort(key=lambda entry: entry[:2])
    return [line for _, _, line in lines]


def _depth(moment: dict[str, Standing], code: str) -> int:
    depth = 0
    while parent := moment[code].parent:
        code, depth = parent, depth + 1
    return depth
