"""The oracle proves nothing if it leans on what it proves."""

import ast
import sys
from pathlib import Path

HERE = Path(__file__).parent
KNOWS_THE_PRODUCT = {HERE / "adapter.py"}


def imported(path: Path) -> set[str]:
    """The packages that a file imports, anywhere in it."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports by dots, which hides from where"
            found.add(node.module or "")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            assert called not in {"__import__", "import_module", "exec", "eval"}, f"{path.name} imports by a call"
    return {name.partition(".")[0] for name in found}


def reading() -> list[Path]:
    """Every file but the tests and the adapter."""
    return [
        path
        for path in sorted(HERE.rglob("*.py"))
        if not path.name.startswith("test_") and path not in KNOWS_THE_PRODUCT
    ]


def test_the_oracle_imports_nothing_from_gangmu():
    assert len(reading()) > 10
    for path in reading():
        foreign = imported(path) - set(sys.stdlib_module_names) - {"oracle"}
        assert not foreign, f"{path.relative_to(HERE)} imports {foreign}"


def test_nothing_but_the_runner_reaches_the_adapter():
    for path in reading():
        reaches = {
            node.module
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
        }
        assert "oracle.adapter" not in reaches, path.name


def test_an_import_of_gangmu_would_be_seen(tmp_path):
    leaning = tmp_path / "leaning.py"
    leaning.write_text("def f():\n    from gangmu.foundation.periods.period import Period\n    return Period\n")
    assert imported(leaning) == {"gangmu"}
