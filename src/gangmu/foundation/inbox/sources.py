"""Who has something that waits for a person. Rooms register a source when they are ready; the inbox shows them all.

    sources.register(Source("filing.due", _("To file"), "clipboard-list", 20, entries=due_sheets, count=due_count))

Only what waits for the asker belongs here, and it leaves by being done, never by being read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest
from django.utils.functional import Promise

Text = str | Promise
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One thing that waits, as one line of the inbox.

    `url` is where it is done, in one step. `since` is when it began to wait, `due` when it must be done; `late` is the
    source's own judgement, so that page and source never differ. `by` is who asks for it, `kind` what it is, `note`
    one sentence of why it stands here (the reason of a return, a question), in `tone`.
    """

    title: Text
    url: str
    organisation: str
    since: datetime
    due: datetime | None = None
    late: bool = False
    kind: Text = ""
    note: Text = ""
    tone: str = ""
    by: str = ""

    @property
    def rank(self) -> tuple[bool, datetime, datetime]:
        """Late ones first, then by deadline, then the oldest."""
        return (not self.late, self.due or LAST, self.since)

    @property
    def where(self) -> str:
        """The organisation, where the title does not say it already."""
        return "" if self.organisation in str(self.title) else self.organisation

    def holds(self, words: str) -> bool:
        """Whether every word occurs in what the line says."""
        text = " ".join(map(str, (self.title, self.organisation, self.by, self.kind, self.note))).casefold()
        return all(word in text for word in words.casefold().split())


@dataclass(frozen=True)
class Source:
    """One group of the inbox.

    `entries` gives what waits for the asker, `count` how many those are in one cheap query (every page's badge asks
    it). `more` is a page of the room for doing many of them: its label and address, by name.
    """

    code: str
    label: Text
    icon: str
    order: int
    entries: Callable[[HttpRequest], Sequence[Entry]]
    count: Callable[[HttpRequest], int]
    more: tuple[Text, str] | None = None
    visible: Callable[[HttpRequest], bool] = lambda request: True


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a source. A second one with the same code replaces the first."""
    _sources[source.code] = source


def unregister(code: str) -> None:
    """Take a source out again (for tests)."""
    _sources.pop(code, None)


def sources_for(request: HttpRequest) -> list[Source]:
    """The sources that concern the asker at all, in order."""
    return sorted((one for one in _sources.values() if one.visible(request)), key=lambda one: (one.order, one.code))


def waiting(request: HttpRequest) -> int:
    """How many things wait for the asker: the number of the badge."""
    return sum(source.count(request) for source in sources_for(request))
