"""Which parameters of its address a page reads, so that it is asked with those and not with everything there is."""

from collections.abc import Iterator
from contextlib import contextmanager
from sys import _getframe as getframe
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict

WHATEVER = "*"  # the page went through all that there was
# What goes through all parameters without making anything of their values: how many and how long, whether any is set.
ONLY_COUNT = {"gangmu.foundation.ui.uploads", "gangmu.foundation.ui.lists", "gangmu.foundation.ui.models"}
ITSELF = {"django.utils.datastructures", "django.http.request"}  # whose callers are asked already


@contextmanager
def parameters_read() -> Iterator[set[str]]:
    """The names that pages look up in `request.GET` within the block, added as they do."""
    read: set[str] = set()
    plain = WSGIRequest.__dict__["GET"]

    class Watched(QueryDict):
        def __getitem__(self, key: str) -> Any:
            read.add(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            read.add(str(key))
            return super().__contains__(key)

        def getlist(self, key: str, default: Any = None) -> Any:
            read.add(key)
            return super().getlist(key, default)

        def __iter__(self) -> Iterator[str]:
            self._all()
            return super().__iter__()

        def keys(self) -> Any:
            self._all()
            return super().keys()

        def items(self) -> Any:
            self._all()
            return super().items()

        def values(self) -> Any:
            self._all()
            return super().values()

        def lists(self) -> Any:
            self._all()
            return super().lists()

        def _all(self) -> None:
            if getframe(2).f_globals["__name__"] not in ONLY_COUNT | ITSELF:
                read.add(WHATEVER)

        def copy(self) -> QueryDict:  # what is done with the copy is seen; copying tells nothing
            return self._unseen(super().copy)

        def urlencode(self, safe: str | None = None) -> str:  # to lead back to the same page
            return self._unseen(lambda: super(Watched, self).urlencode(safe))

        def _unseen(self, act: Any) -> Any:
            before = set(read)
            given = act()
            read.clear()
            read.update(before)
            return given

    def watched(request: WSGIRequest) -> QueryDict:
        made = request.__dict__.get("_watched")
        if made is None:
            made = request.__dict__["_watched"] = Watched(
                request.META.get("QUERY_STRING", ""), encoding=request.encoding
            )
        return made

    WSGIRequest.GET = property(watched)  # type: ignore[assignment]
    try:
        yield read
    finally:
        WSGIRequest.GET = plain
