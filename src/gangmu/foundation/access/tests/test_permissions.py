import pytest

from gangmu.foundation.access.permissions import implies, is_well_formed, may_change, may_view


@pytest.mark.req("M-5.8.1.2")
@pytest.mark.parametrize(
    ("granted", "wanted", "answer"),
    [
        ("*", "figures:view", True),
        ("figures:*", "figures:view", True),
        ("figures:*", "parties:view", False),
        ("figures:view", "figures:export", False),
        ("figures:view,export", "figures:export", True),
        ("figures:view", "figures:view:coal", True),
        ("figures:view:coal", "figures:view:coal", True),
        ("figures:view:coal", "figures:view:gas", False),
        ("figures:view:coal", "figures:view", False),
        ("figures:view:*", "figures:view", True),
        ("figures", "figures:view", True),
    ],
)
def test_a_granted_permission_implies_what_it_covers(granted, wanted, answer):
    assert implies(granted, wanted) is answer


@pytest.mark.parametrize("text", ["*", "figures:*", "figures:view,export", "figures:view:coal", "parties"])
def test_well_formed(text):
    assert is_well_formed(text)


@pytest.mark.parametrize("text", ["", "Figures:view", "figures:", "figures::x", "a:b:c:d", "figures:view export"])
def test_malformed(text):
    assert not is_well_formed(text)


def test_viewing_and_exporting_change_nothing():
    assert not may_change(["figures:view,export"], "figures")
    assert may_change(["figures:view,file"], "figures")
    assert may_change(["figures:*"], "figures")
    assert not may_change(["figures:*"], "parties")
    assert may_view(["figures:*"], "figures")
    assert not may_view(["figures:file"], "figures")
