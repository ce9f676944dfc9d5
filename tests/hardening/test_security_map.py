"""What docs/security.md names as proof is there: every file, and every test in it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`([\w/]*test_\w+\.py)?(?:(…)?::(test_\w+))?`")


def files() -> list[Path]:
    return [*ROOT.glob("src/**/test_*.py"), *ROOT.glob("tests/**/test_*.py")]


def faults(text: str) -> list[str]:
    """Files and tests that are named and are nowhere. A test without its file belongs to the one named before."""
    found, here = [], []
    for match in NAMED.finditer(text):
        name, _same, test = match.groups()
        if not name and not test:
            continue
        if name:
            here = [path for path in files() if f"/{path.relative_to(ROOT)}".endswith(f"/{name}")]
            if not here:
                found.append(f"{name} is nowhere")
                continue
        if test and not any(re.search(rf"^def {test}\b", path.read_text("utf-8"), re.M) for path in here):
            found.append(f"{test} is not in {name or here}")
    return found


def test_every_test_that_the_map_names_exists():
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    assert len(NAMED.findall(text)) > 50
    assert faults(text) == []


def test_a_name_that_leads_nowhere_is_found():
    assert faults("`tests/hardening/test_nowhere.py`") == ["tests/hardening/test_nowhere.py is nowhere"]
    assert len(faults("`test_nginx.py::test_that_nobody_wrote`, `…::test_nor_this`")) == 2
    assert faults("`test_nginx.py::test_the_real_address_is_in_no_answer`") == []
