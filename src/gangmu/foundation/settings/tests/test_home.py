import pytest

from gangmu.foundation.settings import home


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_HOME", str(tmp_path))
    return tmp_path


def test_a_secret_is_made_once_and_for_its_owner_alone(folder):
    with pytest.raises(home.HomeMissing):
        home.secret("seal")
    made = home.secret("seal", create=True)
    assert len(made) >= 64
    assert home.secret("seal", create=True) == home.secret("seal") == made
    path = folder / "secrets" / "seal"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["seal"]


def test_half_a_secret_is_never_taken_for_one(folder, monkeypatch):
    """The machine stops while the file is being written: there is no file then, and the next one makes it."""

    def stop(_descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(home.os, "fsync", stop)
        home.secret("seal", create=True)
    with pytest.raises(home.HomeMissing):
        home.secret("seal")
    assert home.secret("seal", create=True)
