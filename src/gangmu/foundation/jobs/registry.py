"""The kinds of long work there are. Rooms register theirs with `@job` in a module `jobkinds.py` or `tasks.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Work = Callable[..., "dict[str, Any] | None"]
SomeWork = TypeVar("SomeWork", bound=Work)
ATTEMPTS = 3  # how often work that may be repeated is begun before it counts as failed


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    Args:
        code: its name, `room.verb`.
        title: an English msgid.
        work: `work(progress, **params)`; what it returns is the job's result.
        idempotent: whether it may simply be run again after its worker was killed.
        own_transactions: whether it opens its own scoped transactions with `progress.acting()`; otherwise all of
            it is one transaction that commits together with the job's success.
        as_system: whether that transaction is the system role's instead of the owner's. No row security holds in
            it: the work itself must ask `scope_of(progress.owner)` before it touches anything.
    """

    code: str
    title: str
    work: Work
    idempotent: bool
    own_transactions: bool
    as_system: bool = False


_kinds: dict[str, Kind] = {}


def job(
    code: str, title: str, *, idempotent: bool = False, own_transactions: bool = False, as_system: bool = False
) -> Callable[[SomeWork], SomeWork]:
    """Register a function as the work of a kind of job.

    >>> @job("records.export", gettext_noop("Export of records"), idempotent=True)
    ... def export(progress: Progress, *, kind: str) -> dict: ...
    """

    if own_transactions and as_system:
        raise ValueError(f"{code}: either transactions of its own or one of the system")

    def register(work: SomeWork) -> SomeWork:
        if code in _kinds and _kinds[code].work.__qualname__ != work.__qualname__:
            raise ValueError(f"two kinds of job are called {code}")
        _kinds[code] = Kind(code, title, work, idempotent, own_transactions, as_system)
        return work

    return register


def kind(code: str) -> Kind:
    """The kind called `code`.

    Raises:
        KeyError: there is none.
    """
    return _kinds[code]


def title_of(code: str) -> str:
    """The kind's title in the reader's language; its code when the kind is no more."""
    from django.utils.translation import gettext

    return gettext(_kinds[code].title) if code in _kinds else code


__all__ = ["ATTEMPTS", "Kind", "job", "kind", "title_of"]
