"""What is refused about resources, in the reader's words."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from gangmu.duties.resources.models import Resource

CHECKED = "dependencies_form_a_graph, a_dependency_stands_once_a_day, a_group_has_one_number_a_day"


class ResourceRefused(ValueError):
    """It cannot be recorded as given. `field` is where in a form it is wrong, `rows` the resources it is about."""

    def __init__(self, message: str, field: str | None = None, rows: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.field, self.rows = field, tuple(rows)


@contextmanager
def judged() -> Iterator[None]:
    """Let the database judge what is written inside, now and not at the commit; refused, nothing of it stands.

    Raises:
        ResourceRefused: a circle, a number taken twice, a group without enough members, …
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            yield
            cursor.execute(f"SET CONSTRAINTS {CHECKED} IMMEDIATE")
            cursor.execute(f"SET CONSTRAINTS {CHECKED} DEFERRED")
    except IntegrityError as error:
        refused = _in_words(error)
        if refused is None:
            raise
        raise refused from error


def _in_words(error: IntegrityError) -> ResourceRefused | None:
    told = getattr(error.__cause__, "diag", None)
    if told is None:
        return None
    rule = str(told.constraint_name or "")
    match rule:
        case "nothing_needs_itself_through_others":
            rows = json.loads(told.message_detail)
            return ResourceRefused(circle_in_words(names_of(rows)), "on", rows)
        case "a_group_has_as_many_as_it_needs":
            resource, group, day, members, needed = json.loads(told.message_detail)
            text = _(
                "On %(day)s group “%(group)s” of %(resource)s has %(members)d members and needs %(needed)d. "
                "Add members, or let fewer suffice."
            )
            given = {"day": day, "group": group, "members": members, "needed": needed}
            return ResourceRefused(text % {**given, **_named(resource=resource)}, "needed", [resource])
        case "a_dependency_lasts_no_longer_than_its_ends":
            resource, on = json.loads(told.message_detail)
            text = _(
                "%(resource)s needs %(on)s on days on which one of the two is not in the register. "
                "End the dependency first, or give days on which both are there."
            )
            return ResourceRefused(text % _named(resource=resource, on=on), "valid_from", [resource, on])
        case "a_dependency_stands_once_a_day":
            return ResourceRefused(_("This dependency is recorded already for some of these days."), "on")
        case "a_group_has_one_number_a_day":
            return ResourceRefused(_("The members of a group say one and the same number of which suffice."), "needed")
        case "nothing_needs_itself":
            return ResourceRefused(_("Nothing needs itself. Choose another resource."), "on")
        case _ if rule.startswith("resources_resource_code"):
            return ResourceRefused(_("This code is taken. Choose another one."), "code")
    return None


def circle_in_words(names: Sequence[str]) -> str:
    """The path of a circle, each needing the next."""
    path = " → ".join([*names, names[0]])
    return _("This closes a circle: %(path)s. Leave out one of these dependencies.") % {"path": path}


def names_of(rows: Sequence[int]) -> list[str]:
    """The codes of resources, as far as the asker may see them."""
    codes = dict(Resource.objects.filter(pk__in=rows).values_list("pk", "code"))
    return [codes.get(pk) or _("(outside your branch)") for pk in rows]


def _named(**rows: int) -> dict[str, str]:
    return dict(zip(rows, names_of(list(rows.values())), strict=True))
