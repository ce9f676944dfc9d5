"""Every table's declared row security, in one place to ask."""

from collections.abc import Iterator
from functools import lru_cache

from django.apps import apps
from django.db import models

from gangmu.foundation.settings.rowsecurity import ByOrganisation, Plumbing, RowSecurity, SystemOnly, Whole

# Tables of libraries: what they hold is nobody's organisation. The queue is the worker's; pages put their own jobs into
# it, and take them out, through functions of the jobs room.
LIBRARIES: dict[str, RowSecurity] = {
    "contenttypes.ContentType": Plumbing("SELECT"),
    "auth.Permission": SystemOnly(),
    "auth.Group": SystemOnly(),
    "auth.Group_permissions": SystemOnly(),
    "sessions.Session": Plumbing(),
    "procrastinate.ProcrastinateJob": SystemOnly(),
    "procrastinate.ProcrastinateEvent": SystemOnly(),
    "procrastinate.ProcrastinatePeriodicDefer": SystemOnly(),
    "procrastinate.ProcrastinateWorker": SystemOnly(),
}


def declared(model: type[models.Model]) -> RowSecurity | None:
    """What `model` declares, or None when it declares nothing."""
    return LIBRARIES.get(model._meta.label) or getattr(model, "row_security", None)


def declared_tables() -> Iterator[tuple[type[models.Model], RowSecurity | None]]:
    """Every concrete table's model with its declaration; a table behind two models is given once."""
    seen: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.proxy or meta.db_table in seen:
            continue
        seen.add(meta.db_table)
        yield model, declared(model)


@lru_cache(maxsize=1)
def scoped_rooms() -> tuple[str, ...]:
    """The rooms whose rows belong to organisations, or to all of them together."""
    return tuple(sorted({rule.room for _, rule in declared_tables() if isinstance(rule, ByOrganisation | Whole)}))
