import shutil
from pathlib import Path

import pytest

from gangmu.foundation.settings.postgres import Cluster, open_database, stop
from gangmu.foundation.settings.tests.postgres_helpers import wait_until_stopped


@pytest.fixture(autouse=True)
def _embedded_database_of_its_own(request, monkeypatch):
    """The tests of the database's home choose their own server."""
    if request.path.name.startswith("test_postgres_"):
        for name in ("GANGMU_DATABASE_URL", "GANGMU_DATABASE_URL_SYSTEM", "GANGMU_DATABASE_URL_WEB"):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def _template_home(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("postgres") / "template"
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("GANGMU_DATABASE_URL", raising=False)
        with open_database(home, create=True, linger=0.0):
            pass
    wait_until_stopped(Cluster(home))
    return home


@pytest.fixture
def place_cluster(_template_home):
    """Put a cluster into a folder; whatever runs there is stopped at the end."""
    homes: list[Path] = []

    def place(home: Path) -> Cluster:
        shutil.copytree(_template_home, home, ignore=shutil.ignore_patterns("database-*.lock", "database-state.json"))
        homes.append(home)
        return Cluster(home)

    yield place
    for home in homes:
        stop(home, force=True)


@pytest.fixture
def cluster(place_cluster, tmp_path) -> Cluster:
    """A cluster that is not running."""
    return place_cluster(tmp_path / "home")
