"""Known passwords stay on the machine where they were made."""

import pytest
from click import ClickException

from gangmu.foundation.accounts.models import User
from gangmu.shell import demonstration
from gangmu.shell.cli.serve import run_command
from gangmu.shell.cli.session import embedded

pytestmark = pytest.mark.django_db


def account(username: str, password: str) -> None:
    user = User(username=username, name=username)
    user.set_password(password)
    user.save()


def run(monkeypatch, host: str) -> bool:
    """Whether `gangmu run` would listen there."""
    served: list[str] = []
    monkeypatch.setattr("gangmu.shell.cli.serve._serve", lambda host, *_rest: served.append(host))
    with embedded():
        run_command.main(["--host", host], standalone_mode=False)
    return served == [host]


def test_what_the_demonstration_made_is_not_served_to_others(monkeypatch):
    account("plant", demonstration.PASSWORD)
    assert run(monkeypatch, "127.0.0.1")
    with pytest.raises(ClickException, match="plant"):
        run(monkeypatch, "0.0.0.0")
    User.objects.all().delete()
    account("plant", "something that nobody else knows")
    account("somebody", demonstration.PASSWORD)
    assert run(monkeypatch, "0.0.0.0")


def test_a_demonstration_is_not_made_among_real_people(monkeypatch):
    monkeypatch.setenv("GANGMU_DEMONSTRATION", "1")
    account("somebody", "something that nobody else knows")
    with pytest.raises(RuntimeError, match="real people"):
        demonstration.prepare(say=print)
    assert User.objects.count() == 1
