"""Nothing leaves without its event, no event without a name and a line in the document, no column without a word."""

import ast
import re
from pathlib import Path

from django.apps import apps

import gangmu
from gangmu.foundation.records import kinds
from gangmu.foundation.records.kept import kept_tables
from gangmu.shell.records.names import is_named

SOURCE = Path(gangmu.__file__).parent
DOCUMENT = SOURCE.parents[1] / "docs" / "concepts" / "records.md"
NOTING = {"note", "note_refusal", "exported"}
# Files that hold nothing of the installation's, or that are noted by whoever calls.
EXCUSED = {
    "figures/filing/views/exchange.py": "an empty workbook to fill in",
    "foundation/ui/exports.py": "writes the file; ListPage.export, who calls it, notes it",
    "shell/people/loading/files.py": "an empty workbook to fill in",
    "duties/resources/loading/files.py": "an empty workbook to fill in; what the register holds is noted by its view",
}


def hands_out(node: ast.AST) -> bool:
    """Whether a file is handed out here."""
    for one in ast.walk(node):
        if isinstance(one, ast.keyword) and one.arg == "as_attachment":
            return True
        if isinstance(one, ast.Constant) and one.value == "Content-Disposition":
            return True
        if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "StreamingHttpResponse":
            return True
    return False


def called(node: ast.AST) -> set[str]:
    calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
    return {one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "") for one in calls}


def silent(path: Path) -> list[str]:
    """Functions that hand out a file without an event, theirs or that of a function of the module that calls them."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    handing = [one for one in functions if hands_out(one)]
    calls = {one: called(one) for one in functions} if handing else {}
    found = []
    for one in handing:
        around = [one, *(other for other in functions if one.name in calls[other])]
        around += [other for other in functions if other.name in calls[one]]
        around += [far for other in around for far in functions if other.name in calls[far]]
        if not any(calls[other] & NOTING for other in around):
            found.append(one.name)
    return found


def test_every_file_that_leaves_is_noted():
    faults = {}
    for path in SOURCE.rglob("*.py"):
        name = str(path.relative_to(SOURCE))
        if "tests" in path.parts or "testing" in path.parts or name in EXCUSED:
            continue
        if functions := silent(path):
            faults[name] = functions
    faults.pop("foundation/approvals/views/signing.py", None) if faults.get(
        "foundation/approvals/views/signing.py"
    ) == ["text"] else None  # one's own decision, on its way to be signed and noted
    assert faults == {}


def test_the_search_finds_an_export_without_its_event(tmp_path):
    planted = tmp_path / "planted.py"
    planted.write_text("def page(request):\n    return FileResponse(open('x'), as_attachment=True)\n")
    assert silent(planted) == ["page"]
    planted.write_text("def page(request):\n    note('x')\n    return FileResponse(open('x'), as_attachment=True)\n")
    assert silent(planted) == []


def documented() -> list[str]:
    """The beginnings of kinds that the document's table names."""
    text = DOCUMENT.read_text("utf-8")
    table = text[text.index("| kinds | when | from |") :].split("\n\n", 1)[0]
    found, room = [], ""
    for row in table.splitlines()[2:]:
        for word in re.findall(r"`([^`]+)`", row.split("|")[1]):
            room = word.split(".")[0] if "." in word else room
            whole = word if "." in word else f"{room}.{word}"
            found.append(whole.split("…")[0])
    return found


def test_every_kind_is_in_the_table_of_the_document():
    begun = documented()
    assert len(begun) > 15
    missing = [kind for kind, _title in kinds.known_kinds() if not kind.startswith(tuple(begun))]
    assert missing == []


def test_every_column_that_changes_has_a_name_in_both_languages():
    nameless = [
        f"{kept.model}.{field.column}"
        for kept in kept_tables()
        for field in apps.get_model(kept.model)._meta.concrete_fields
        if field.column not in kept.ignored and not is_named(field)
    ]
    assert nameless == []
