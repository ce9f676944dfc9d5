"""The bench's cube, written as a rebuild writes it: the same files, without 88 million rows in the product's table."""

from pathlib import Path

import numpy as np

from bench.cube.figures import AGED, DAYS, FILED, FIRST, LAST, LONG_AGO, UNITS, indicators, values
from bench.world import write_organisations
from gangmu.figures.cube import branching, database, services
from gangmu.figures.cube.storage import Dimensions, Grain, Writer, writing
from gangmu.figures.filing.scenarios import scenario_id
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.services import load_indicators
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.services import load_organisations


def prepare(folder: Path) -> None:
    """Organisations (as of the bench's other cases) and indicators."""
    write_organisations(folder / "organisations.csv")
    (folder / "many.yaml").write_text(indicators(), "utf-8")
    for loader, name in ((load_organisations, "organisations.csv"), (load_indicators, "many.yaml")):
        result = loader(folder / name)
        if result.problems:
            raise SystemExit("\n".join(map(str, result.problems[:5])))


def build() -> None:
    """Slabs of all figures in the place of whatever the cube holds, at the log's present end."""
    ids = dict(Indicator.objects.values_list("code", "pk"))
    organisations = _units()
    with writing(services.store()) as writer, database.snapshot() as snapshot:
        entries = {}
        for code in [*FILED, *AGED]:
            key = ids[code], scenario_id("actual")
            entries[key] = _slab(writer, key, code, organisations)
        tree = database.read_tree(snapshot)
        writer.replace_all(entries, database.head(snapshot))
        writer.put_tree(tree.save, database.tree_stamp(snapshot))
        branching.refresh(writer, tree, most=1 << 62)
        writer.note_branches(True)
        writer.sync()


def _units() -> np.ndarray:
    """The ids of the units, in the order of the figures' columns."""
    ids = dict(Organisation.objects.filter(kind="unit").values_list("code", "pk"))
    return np.array([ids[f"U{number:04d}"] for number in range(UNITS)], np.int64)


def _slab(writer: Writer, key: tuple[int, int], code: str, organisations: np.ndarray) -> dict:
    """A new slab with the figures of one indicator; an aged one has fifteen years more before them."""
    aged = code in AGED
    first = (LONG_AGO if aged else FIRST).toordinal()
    room = Dimensions.with_headroom(Grain.DAY, first, LAST.toordinal(), UNITS)
    entry, slab = writer.new_slab(key, Grain.DAY, room, 0, Indicator.objects.get(pk=key[0]).scale)
    order = np.argsort(organisations)
    lead = FIRST.toordinal() - first
    slab.start(organisations[order], lead + DAYS, 100_000)
    scaled, reported = values(FILED[AGED.index(code)] if aged else code)
    slab.value[lead : lead + DAYS, :UNITS], slab.presence[lead : lead + DAYS, :UNITS] = (
        scaled[:, order],
        reported[:, order],
    )
    for at in range(0, lead, DAYS):  # what came before is the same over again
        rows = slice(at, min(at + DAYS, lead))
        length = rows.stop - at
        slab.value[rows, :UNITS], slab.presence[rows, :UNITS] = scaled[:length, order], reported[:length, order]
    slab.total_up()
    return entry
