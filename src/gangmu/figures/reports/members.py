"""The tree of a day as a report needs it: who stands below an organisation, under which names in both languages."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from gangmu.foundation.boards.definitions import kinds_with_boards
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.parties.models import Organisation, Placement


@dataclass(frozen=True)
class Member:
    """An organisation as it stood on the day."""

    pk: int
    code: str
    names: Words
    kind: str
    parent: int | None
    sort_key: str = ""


class Members:
    """Everybody below one organisation on one day, of the kinds that have home pages and of those asked for besides."""

    def __init__(self, top: Organisation, members: Iterable[Member], further: Collection[str] = ()) -> None:
        self.top = Member(top.pk, str(top.code), names_of(top), top.kind, None, top.sort_key)
        children: dict[int | None, list[Member]] = defaultdict(list)
        for one in members:
            children[one.parent].append(one)
        found = list(children[top.pk])
        for one in found:
            found += children[one.pk]
        self.by_id = {one.pk: one for one in (self.top, *found)}
        self.by_code = {one.code: one for one in self.by_id.values()}
        parents = {one.parent for one in found if one.kind not in further}
        self.lowest = [one for one in found if one.pk not in parents and one.kind not in further]

    def of(self, what: str) -> list[Member]:
        """Those of a kind, or `lowest`: who has nobody below with a home page of their own."""
        if what == "lowest":
            return self.lowest
        return [one for one in self.by_id.values() if one.kind == what and one.pk != self.top.pk]

    def parents(self, members: Iterable[Member]) -> list[str]:
        """The codes of who stands right above some, so that all can be asked for as children."""
        above = {self.by_id[one.parent].code for one in members if one.parent in self.by_id}
        return sorted(above)


def members(top: Organisation, day: date, further: Collection[str] = ()) -> Members:
    """The tree below an organisation on a day, in the asker's scope: one query."""
    kinds = {*kinds_with_boards(), *further}
    rows = Placement.objects.filter(valid__contains=day, child__kind__in=kinds).order_by(
        "child__sort_key", "child__code"
    )
    columns = ("child_id", "child__code", "child__name_zh", "child__name_en", "child__kind", "parent_id")
    return Members(
        top,
        (
            Member(pk, code, Words(zh or en, en or zh), kind, parent, key)
            for pk, code, zh, en, kind, parent, key in rows.values_list(*columns, "child__sort_key")
        ),
        further,
    )


def names_of(organisation: Organisation) -> Words:
    zh, en = str(organisation.name_zh), str(organisation.name_en)
    return Words(zh or en, en or zh)
