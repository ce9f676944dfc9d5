"""The page on further catalogues tells what is shipped."""

from pathlib import Path

import pytest

from gangmu.business import standards
from gangmu.duties.norms.shipped import shipped

PAGE = Path(__file__).parents[5] / "docs" / "concepts" / "catalogues.md"


@pytest.mark.parametrize("code", ["HS/T-42-2014", "JR/T-0251-2022", "CSRC-ZLW"])
def test_the_page_counts_entries_and_statements(code: str):
    standards.register()
    standard = shipped(code)
    (row,) = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{code}` |")]
    statements = sum(len(entry.statements) for entry in standard.entries.values())
    assert f"| {standard.title.zh} |" in row
    assert f"| {len(standard.entries)} | {statements} |" in row
