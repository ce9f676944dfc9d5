"""Every figure explains itself."""

import json

from gangmu.figures.cube.gateway import Question, explain
from gangmu.foundation.access.scope import SYSTEM


def explained(indicator: str, organisation: str, period: str, **options: str) -> dict:
    [row] = explain(Question((indicator,), (organisation,), (period,), **options), SYSTEM)["rows"]
    json.dumps(row)
    return row


def test_a_ratio_shows_its_numbers(world):
    world("P1U1,gen,2026-11-01,actual,10", "P1U2,gen,2026-11-01,actual,10", "P1U1,aux,2026-11-01,actual,0.5")
    row = explained("aux_rate", "P1", "2026-11-01")
    assert row["value"] == "2.50"
    assert row["formula"]["with_numbers"] == "0.500 MWh / 20.00 MWh"
    assert [(one["indicator"], one["value"]) for one in row["formula"]["inputs"]] == [
        ("aux", "0.500"),
        ("gen", "20.00"),
    ]
    assert row["missing"] == {
        "indicator": "aux",
        "count": 1,
        "organisations": [{"code": "P1U2", "name": {"zh": "甲厂2号机", "en": "Alpha 2"}, "periods": 1}],
    }
    assert row["marks"] == ["coverage_differs"]
    assert row["definition"]["made"] == "on totals"
    assert explained("hours", "P1", "2026-11-01")["formula"]["with_numbers"] == "20.00 MWh / 900 MW"


def test_a_figure_names_its_batches_and_corrections(world):
    world("P1U1,gen,2026-11-01,actual,10", "P1U1,gen,2026-11-02,actual,3")
    world("P1U1,gen,2026-11-01,actual,12.5", correct="meter changed")
    row = explained("gen", "R2", "2026-11")
    assert row["sources"]["batches_count"] == 2
    assert [(one["kind"], one["facts"]) for one in row["sources"]["batches"]] == [("correction", 1), ("import", 1)]
    [correction] = row["sources"]["corrections"]
    assert (correction["organisation"], correction["period"]) == ("P1U1", "2026-11-01")
    assert (correction["old"], correction["new"], correction["batch"]["reason"]) == ("10.00", "12.50", "meter changed")
    assert row["organisations_covered"] == {"level": "unit", "count": 3, "codes": ["P1U1", "P1U2", "P3U1"]}
    assert (row["period_covered"]["count"], row["period_covered"]["start"]) == (30, "2026-11-01")
