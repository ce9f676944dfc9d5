"""Measure the demonstration's figures: python tools/measure_demonstration.py [LAST_DAY].

Prints what the year up to LAST_DAY came to by fuel (docs/concepts/demonstration.md has it), and draws the weeks of two
years into docs/concepts/figures/demonstration.svg.
"""

import sys
import time
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from gangmu.business.power.demonstration.figures import Block, Plant, blocks, read_plants

ROOT = Path(__file__).resolve().parent.parent
ORGANISATIONS = ROOT / "src/gangmu/business/power/demonstration/organisations.csv"
PICTURE = ROOT / "docs/concepts/figures/demonstration.svg"
BANDS = [  # from below
    ("nuclear", "nuclear", "#8e7cc3", ("nuclear",)),
    ("coal", "coal", "#7d8790", ("coal", "coal, heat")),
    ("gas", "gas, biomass, waste", "#d08c4a", ("gas", "gas, heat", "biomass", "waste")),
    ("hydro", "hydro, pumped storage", "#5b8fc9", ("hydro", "pumped_storage")),
    ("wind", "wind, sun", "#7fb069", ("onshore_wind", "offshore_wind", "solar")),
]


def fuel_of(plant: Plant) -> str:
    return f"{plant.fuel}, heat" if plant.cogeneration else plant.fuel or plant.kind


class Measured:
    """Daily totals by indicator and fuel."""

    def __init__(self, plants: list[Plant], first: date, last: date) -> None:
        self.fuels = {code: fuel_of(plant) for plant in plants for code in _codes(plant)}
        self.megawatts = {unit.code: unit.capacity_mw for plant in plants for unit in plant.units}
        self.days = (last - first).days + 1
        self.daily: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(self.days))
        self.count = 0
        begun = time.perf_counter()
        made = list(blocks(plants, first, last))
        self.seconds = time.perf_counter() - begun
        for block in made:
            self.add(block)

    def add(self, block: Block) -> None:
        self.count += int(block.present.sum())
        values = np.where(block.present, block.values, 0) / 10.0**block.precision
        for row, code in enumerate(block.organisations):
            self.daily[block.indicator, self.fuels[code]] += values[row]
            if block.indicator in ("run_hours", "available_hours") and code in self.megawatts:
                self.daily[f"{block.indicator} MW", self.fuels[code]] += values[row] * self.megawatts[code]
            if block.indicator == "unit_state":
                self.daily["MW", self.fuels[code]] += block.present[row] * self.megawatts[code]

    def of(self, indicator: str, fuel: str) -> float:
        return float(self.daily[indicator, fuel].sum()) if (indicator, fuel) in self.daily else 0.0


def _codes(plant: Plant) -> list[str]:
    return [plant.code, *(unit.code for unit in plant.units), *plant.reservoirs]


def table(measured: Measured) -> None:
    print(f"{measured.count:,} figures of {measured.days} days in {measured.seconds:.1f} s")
    print("| fuel | MW | hours | on line | available | load while on line | own use | coal rate, net | curtailed |")
    print("|---|---|---|---|---|---|---|---|---|")
    for fuel in sorted({fuel for indicator, fuel in measured.daily if indicator == "generation"}):
        made, used, capacity = (measured.of(name, fuel) for name in ("generation", "auxiliary", "MW"))
        lost = sum(measured.of(name, fuel) for name in ("curtailed_wind", "curtailed_solar", "curtailed_hydro"))
        ran, could = measured.of("run_hours MW", fuel), measured.of("available_hours MW", fuel)
        coal = measured.of("standard_coal", fuel) / (made - used) * 1000
        shown = [
            fuel, f"{capacity / measured.days:,.0f}", f"{made / capacity * 365.25:,.0f}",
            f"{ran / capacity / 24:.0%}", f"{could / capacity / 24:.0%}", f"{made / ran:.0%}", f"{used / made:.1%}",
            f"{coal:.0f} g/kWh" if coal else "", f"{lost / (made + lost):.1%}" if lost else "",
        ]  # fmt: skip
        print("| " + " | ".join(shown) + " |")
    stock = sum(measured.of("coal_stock", fuel) for fuel in ("coal", "coal, heat"))
    print(f"days of coal: {stock / sum(measured.of('coal_consumed', fuel) for fuel in ('coal', 'coal, heat')):.1f}")


def draw(measured: Measured, first: date) -> None:
    """Mean power by week, stacked."""
    weeks = measured.days // 7
    left, top, width, height, most = 60, 30, 700, 300, 550.0
    power: dict[str, np.ndarray] = {}
    for name, _words, _colour, fuels in BANDS:
        whole = np.sum([measured.daily["generation", fuel][: weeks * 7] for fuel in fuels], axis=0)
        power[name] = whole.reshape(weeks, 7).mean(axis=1) / 24e3
    across = [left + width * week / (weeks - 1) for week in range(weeks)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 190} {top + height + 40}" role="img" '
        'aria-labelledby="t d" font-family="sans-serif" font-size="14">',
        '<title id="t">Two years of the demonstration</title>',
        '<desc id="d">Mean power of all plants by week, stacked: nuclear is even; coal peaks in July and January, '
        "with a dent at the Spring Festival; water swells from May to October; wind and sun are thin.</desc>",
        "<style>.s{fill:#556;font-size:12px}.l{stroke:#c3ccd4;fill:none}text{fill:#1d2733}"
        "@media(prefers-color-scheme:dark){svg{background:#fff}}</style>",
        f'<text x="{left}" y="18" class="s">GW, mean of each week</text>',
    ]
    for mark in range(0, int(most) + 1, 100):
        y = top + height * (1 - mark / most)
        parts.append(f'<path class="l" d="M{left} {y:.1f} h{width}"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" class="s" text-anchor="end">{mark}</text>')
    below, label = np.zeros(weeks), float(top + height + 20)
    for name, words, colour, _fuels in BANDS:
        above = below + power[name]
        points = [*zip(across, above, strict=True), *zip(across[::-1], below[::-1], strict=True)]
        path = " ".join(f"{x:.1f},{top + height * (1 - value / most):.1f}" for x, value in points)
        parts.append(f'<polygon fill="{colour}" points="{path}"/>')
        label = min(top + height * (1 - float(above[-1] + below[-1]) / 2 / most) + 4, label - 17)
        parts.append(f'<text x="{left + width + 10}" y="{label:.1f}">{words}</text>')
        below = above
    for week in range(weeks):
        day = first + timedelta(days=7 * week)
        if day.day <= 7 and day.month in (1, 4, 7, 10):
            parts.append(f'<text x="{across[week]:.1f}" y="{top + height + 18}" class="s">{day:%Y-%m}</text>')
    PICTURE.write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


def main() -> None:
    last = date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else date(2026, 11, 20)
    plants = read_plants(ORGANISATIONS)
    table(Measured(plants, last - timedelta(days=364), last))
    first = last - timedelta(days=729)
    both = Measured(plants, first, last)
    print(f"{both.count:,} figures of {both.days} days in {both.seconds:.1f} s")
    draw(both, first)


if __name__ == "__main__":
    main()
