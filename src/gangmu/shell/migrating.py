"""Migrations at the pace of an installation.

After each step of a migration Django renders anew every model that is related to the one changed, by however many
others. Everything here is related to people and organisations, so a new database took twenty seconds of that alone.
What our migrations do needs the changed model and the tables it points to, nothing more: it alone is rendered. A step
that concerns those that point at it (the type of a key) has all of them rendered, and so has code that migrates rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.core.management import call_command
from django.db.migrations.state import ProjectState

Key = tuple[str, str]  # application and model


def migrate() -> None:
    """Apply all migrations that are not."""
    with rendering_what_changes():
        call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def rendering_what_changes() -> Iterator[None]:
    with mock.patch.object(ProjectState, "_find_reload_model", _to_be_rendered):
        yield


def _to_be_rendered(state: ProjectState, application: str, model: str, delay: bool = False) -> set[Key]:
    """`delay`: Django's word for a step that concerns nobody who points at the model."""
    is_new = model not in state.apps.all_models[application]
    if delay or is_new:
        state.is_delayed = True  # so that everything is rendered before code sees it
        return {(application, model)}
    return set(state.models)
