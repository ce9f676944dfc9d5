"""What processes share: under names that say everything, in files that nobody trusts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gangmu.foundation.boards import sharing
from gangmu.foundation.boards.sharing import Shelf, digest
from gangmu.foundation.settings.postgres.processes import Process, myself


@dataclass(frozen=True)
class Grant:
    place: str
    year: int


@dataclass(frozen=True)
class Refusal:
    place: str
    year: int


DIFFERENT = [
    ("a", "b"),
    ("a,str:'b'", ""),
    ("ab", ""),
    (("a", "b"),),
    frozenset({"a", "b"}),
    (1, "1"),
    ("1", 1),
    (True, "1"),
    (1.0, "1"),
    (None, ""),
    (date(2026, 11, 20), Path("x")),
    ("2026-11-20", Path("x")),
    (Decimal("1.0"),),
    (Decimal("1.00"),),
    Grant("R1", 2026),
    Refusal("R1", 2026),
    Grant("R1", 2027),
]


def test_different_keys_have_different_names_and_equal_ones_the_same():
    names = [digest(key) for key in DIFFERENT]
    assert None not in names and len(set(names)) == len(DIFFERENT)
    many = [str(number) for number in range(1000)]
    assert digest(frozenset(many)) == digest(frozenset(reversed(many)))


def test_a_key_of_which_nothing_is_known_has_no_name():
    assert digest(("a", object())) is None


def test_what_is_shared_comes_back_and_what_is_broken_or_strange_does_not(tmp_path):
    shelf = Shelf(tmp_path / "shelf")
    shelf.put("one", ["<b>甲</b>", [["digest", [1, 2]]]])
    assert shelf.get("one") == ["<b>甲</b>", [["digest", [1, 2]]]] and shelf.get("two") is None
    (tmp_path / "shelf" / "one").write_text('["<b>', "utf-8")
    assert shelf.get("one") is None
    shelf.put("three", object())
    shelf.put("four", float("nan"))
    assert shelf.get("three") is None and shelf.get("four") is None
    assert (tmp_path / "shelf").stat().st_mode & 0o077 == 0


def test_a_folder_that_is_gone_costs_no_page(tmp_path):
    shelf = Shelf(tmp_path / "shelf")
    (tmp_path / "shelf").rmdir()
    shelf.put("one", "x")
    assert shelf.get("one") is None


def test_a_full_shelf_loses_its_oldest_half(tmp_path, monkeypatch):
    monkeypatch.setattr(sharing, "MOST_BYTES", 100)
    monkeypatch.setattr(sharing, "LOOK_EVERY", 1)
    shelf = Shelf(tmp_path)
    for number in range(50):
        shelf.put(f"{number:02}", "x" * 20)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert "49" in left and "00" not in left and sum(path.stat().st_size for path in tmp_path.iterdir()) <= 122


@pytest.fixture
def unshared():
    yield
    sharing.unshare()


def test_servers_share_with_their_own_processes_and_clear_away_after_dead_ones(tmp_path, unshared):
    here = myself()
    dead, reused = tmp_path / "kept-999999999-1", tmp_path / f"kept-{here.pid}-{here.started - 1}"
    for folder in (dead, reused):
        folder.mkdir()
    sharing.share(tmp_path, here)
    assert [path.name for path in tmp_path.iterdir()] == [f"kept-{here.pid}-{here.started}"]
    assert sharing.shelf() is not None
    sharing.share(tmp_path, Process(here.pid, here.started))
    assert len(list(tmp_path.iterdir())) == 1
