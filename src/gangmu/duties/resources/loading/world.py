"""What is recorded of whatever a file names, as the asker may see it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.types.range import DateRange

from gangmu.duties.resources.models import Dependency, Resource
from gangmu.duties.resources.rights import CHANGE
from gangmu.duties.resources.services import taken
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.workbooks.tables import Line
from gangmu.foundation.parties.models import Organisation, Post
from gangmu.foundation.settings import clock


@dataclass
class World:
    """`needs` are the dependencies that stand today or later, by who needs and who is needed."""

    scope: Scope
    resources: dict[str, Resource]
    elsewhere: set[str]  # codes of resources that the asker does not see
    organisations: dict[str, Organisation]
    users: dict[str, User]
    posts: dict[int, list[Post]]
    needs: dict[tuple[int, int], Dependency]
    groups: dict[tuple[int, str], list[Dependency]]
    needing: dict[int, list[Dependency]]

    def may_change(self, organisation: Organisation | int) -> bool:
        pk = organisation if isinstance(organisation, int) else organisation.pk
        return self.scope.may_at(CHANGE, pk)


def world_of(lines: Iterable[Line], scope: Scope) -> World:
    """A handful of queries, however many lines there are."""
    fields = [line.fields for line in lines]
    codes = {one[name] for one in fields for name in ("code", "needs")} - {""}
    known = {str(one.code): one for one in Resource.objects.filter(code__in=codes)}
    organisations = {
        str(one.code): one for one in Organisation.objects.filter(code__in={one["organisation"] for one in fields})
    }
    users = {one.username: one for one in User.objects.filter(username__in={one["responsible"] for one in fields})}
    posts: dict[int, list[Post]] = defaultdict(list)
    if any(one["post"] for one in fields):
        owners = {one.pk for one in organisations.values()} | {one.organisation_id for one in known.values()}
        for post in Post.objects.filter(organisation__in=owners):
            posts[post.organisation_id].append(post)
    needs: dict[tuple[int, int], Dependency] = {}
    groups: dict[tuple[int, str], list[Dependency]] = defaultdict(list)
    needing: dict[int, list[Dependency]] = defaultdict(list)
    standing = Dependency.objects.filter(valid__overlap=DateRange(clock.today(), None))
    for row in standing.select_related("resource").order_by("-valid"):
        needs[row.resource_id, row.on_id] = row  # the earliest of several last: that is today's
        needing[row.on_id].append(row)
        if row.group:
            groups[row.resource_id, row.group].append(row)
    elsewhere = taken(sorted(codes - set(known)))
    return World(scope, known, elsewhere, organisations, users, posts, needs, groups, needing)
