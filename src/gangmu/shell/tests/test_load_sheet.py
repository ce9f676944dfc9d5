"""gangmu load sheet: a filled-in form from the command line, with what was found beside it."""

import openpyxl
import pytest
from django.utils import translation

from gangmu.figures.filing.models import Cell, Sheet
from gangmu.figures.filing.tests.books import GOOD, UNITS, filled
from gangmu.figures.filing.tests.small import NOW, make_small
from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded


@pytest.fixture
def small(committed, tmp_path):
    with clock.frozen(f"{NOW}+08:00"), translation.override("en"), embedded():
        yield make_small(tmp_path)


@pytest.fixture
def load(small, capsys):
    """Loads a workbook and gives exit code, standard output and standard error."""

    def load(path, *more: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["load", "sheet", str(path), "--form", small.form.code, *more])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return load


def test_the_operator_stores_drafts(small, load, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form)
    code, out, err = load(path)
    assert (code, err) == (0, "")
    assert "Figures: 10 read, 10 stored in 1 sheets, 0 as they were; 0 faults, 0 warnings." in out
    assert Cell.objects.filter(edited_by=None).count() == 10
    assert not (tmp_path / "book.checked.xlsx").exists()


def test_faults_are_listed_marked_and_keep_everything_out(small, load, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form, GOOD | {"E5": "--", "G6": 1.234})
    code, out, err = load(path)
    assert (code, Cell.objects.count()) == (1, 0)
    assert f"{UNITS}!E5 (P1U1, gen, 2026-11-19): “--” is no figure" in err
    assert "Nothing was stored." in out and "book.checked.xlsx" in out
    marked = openpyxl.load_workbook(tmp_path / "book.checked.xlsx")
    comment = marked[UNITS]["E5"].comment
    assert comment is not None and "no figure" in comment.text
    code, out, _err = load(path, "--accept-rounding", "--keep-good")
    assert (code, Cell.objects.count()) == (1, 7)
    path = filled(tmp_path / "book.xlsx", small.form, GOOD | {"G6": 1.234})
    assert load(path, "--accept-rounding")[0] == 0
    filled(path, small.form, {}, {})
    assert load(path)[0] == 0
    assert not (tmp_path / "book.checked.xlsx").exists()


def test_a_user_files_in_their_own_scope_alone(small, load, tmp_path):
    path = filled(tmp_path / "book.xlsx", small.form)
    code, _out, err = load(path, "--user", "other")
    assert (code, Cell.objects.count()) == (1, 0)
    assert "is no organisation known to you" in err
    assert load(path, "--user", "clerk")[0] == 0
    assert Cell.objects.filter(edited_by=small.clerk).count() == 10
    code, _out, err = load(path, "--user", "ghost")
    assert (code, "There is no user “ghost”." in err) == (1, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"organisation,gen\n", "is text (CSV)"), (b"", "is empty"), (b"PK\x03\x04", "damaged or not complete")],
)
def test_what_is_no_workbook_is_refused_whole(load, tmp_path, content, said):
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    code, out, err = load(path)
    assert (code, out) == (2, "")
    assert said in err


def test_a_file_that_is_not_there_an_unknown_form_another_period(small, load, tmp_path):
    code, _out, err = load(tmp_path / "none.xlsx")
    assert code == 2 and "cannot be read" in err
    path = filled(tmp_path / "book.xlsx", small.form)
    assert main(["load", "sheet", str(path), "--form", "nosuch"]) == 2
    code, _out, err = load(path, "--period", "2026-11-18")
    assert code == 2 and "This workbook is of 2026-11-19; you are filing 2026-11-18" in err
    assert Sheet.objects.count() == 0


def test_submitting_needs_somebody_who_does_it(load, tmp_path, small):
    code, _out, err = load(filled(tmp_path / "book.xlsx", small.form), "--submit")
    assert code == 2 and "say who with --user" in err
