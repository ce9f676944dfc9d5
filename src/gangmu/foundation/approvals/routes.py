"""What a route says, read from YAML or from a stored version; loading makes versions.

```yaml
code: plant_daily
name: {zh: 电厂日报审批, en: Approval of plants' daily figures}
working_hours: ["09:00-12:00", "13:30-18:00"]      # left out: these
nodes:
  - code: plant
    name: {zh: 电厂审核, en: Plant}
    who: {role: reviewer, level: plant}            # role: one or several; level: a kind of organisation,
    mode: any                                      #   looked for from the subject's organisation upward
    deadline: {hours: 4, counted: working}         # counted: clock | working
    grants: plant                                  # a word told to the subject when the node has passed
  - code: expert
    name: {zh: 专家会审, en: Experts}
    who: {users: [zhang.wei, li.na]}               # or {post: DISPATCH_HEAD, level: region}, or {role: …, at: subject}
    mode: order                                    # any | all | order
    condition: {kind: [coal, gas]}                 # compared with the facts that whoever submits gives
    purpose: approve                               # approve | acknowledge
    if_absent: refuse                              # a tier that the organisation does not have: skip (default) | refuse
    signature: required                            # optional (default) | required: signed decisions alone pass
```
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.foundation.access.models import Role
from gangmu.foundation.approvals.errors import RouteFault
from gangmu.foundation.approvals.models import Route
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.records.versioned import Loaded, Source, put

Mode = Literal["any", "all", "order"]
Purpose = Literal["approve", "acknowledge"]
OFFICE_HOURS = ("09:00-12:00", "13:30-18:00")
CHOICES = {
    "mode": ("any", "all", "order"),
    "purpose": ("approve", "acknowledge"),
    "if_absent": ("skip", "refuse"),
    "counted": ("clock", "working"),
    "signature": ("optional", "required"),
}
NODE_WORDS = {"code", "name", "who", "mode", "purpose", "deadline", "condition", "grants", "if_absent", "signature"}


@dataclass(frozen=True)
class Who:
    """Who is asked at a node. `level` is empty for the subject's own organisation; `users` are user names."""

    roles: tuple[str, ...] = ()
    level: str = ""
    post: str = ""
    users: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deadline:
    """How long a place may stay open; an amount of hours around the clock or of working hours."""

    hours: int
    working: bool = False


@dataclass(frozen=True)
class NodeDefinition:
    """One node of a route. `condition`: fact → the values with which the node is needed."""

    code: str
    name: Words
    who: Who
    mode: Mode = "any"
    purpose: Purpose = "approve"
    deadline: Deadline | None = None
    condition: tuple[tuple[str, tuple[str, ...]], ...] = ()
    grants: str = ""
    refuse_absent: bool = False
    signed: bool = False

    def is_needed(self, facts: Mapping[str, Any]) -> bool:
        """Whether the facts of a submission meet the node's condition."""
        return all(_fact_text(facts.get(name)) in values for name, values in self.condition)


@dataclass(frozen=True)
class RouteDefinition:
    """One version of a route."""

    code: str
    name: Words
    nodes: tuple[NodeDefinition, ...]
    working_hours: tuple[tuple[time, time], ...]

    def node(self, code: str) -> NodeDefinition:
        """The node with this code."""
        return next(node for node in self.nodes if node.code == code)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "RouteDefinition":
        """Read a definition.

        Raises:
            RouteFault: it is not of the shape above; the message names the route, the node and the word.
        """
        code = str(_need(given, "code", _("a route")))
        where = _("route %(code)s") % {"code": code}
        rows = _need(given, "nodes", where)
        if not isinstance(rows, list) or not rows:
            raise RouteFault(_("%(where)s has no nodes: give at least one under “nodes”.") % {"where": where})
        nodes = tuple(_node(row, f"{where}, {_('node')} {number}") for number, row in enumerate(rows, 1))
        codes = [node.code for node in nodes]
        twice = sorted({one for one in codes if codes.count(one) > 1})
        if twice:
            text = _("%(where)s has two nodes %(code)s: give each its own code.")
            raise RouteFault(text % {"where": where, "code": twice[0]})
        return cls(code, _words(given, where), nodes, _hours(given.get("working_hours") or OFFICE_HOURS, where))


def _fact_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _need(given: Mapping[str, Any], word: str, where: str) -> Any:
    if not isinstance(given, Mapping) or not given.get(word):
        raise RouteFault(_("%(where)s lacks “%(word)s”.") % {"where": where, "word": word})
    return given[word]


def _words(given: Mapping[str, Any], where: str) -> Words:
    name = _need(given, "name", where)
    if not isinstance(name, Mapping) or not name.get("zh") or not name.get("en"):
        raise RouteFault(_("%(where)s: “name” needs zh and en.") % {"where": where})
    return Words(str(name["zh"]), str(name["en"]))


def _choice(given: Mapping[str, Any], word: str, where: str) -> str:
    value = str(given.get(word) or CHOICES[word][0])
    if value not in CHOICES[word]:
        text = _("%(where)s: “%(word)s” is %(value)s; it must be one of: %(choices)s.")
        choices = ", ".join(CHOICES[word])
        raise RouteFault(text % {"where": where, "word": word, "value": value, "choices": choices})
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_fact_text(one) for one in (value if isinstance(value, list | tuple) else [value]))


def _node(row: Mapping[str, Any], where: str) -> NodeDefinition:
    code = str(_need(row, "code", where))
    where = f"{where} ({code})"
    unknown = sorted(set(row) - NODE_WORDS)
    if unknown:
        text = _("%(where)s: “%(word)s” is not known; known: %(known)s.")
        raise RouteFault(text % {"where": where, "word": unknown[0], "known": ", ".join(sorted(NODE_WORDS))})
    condition = row.get("condition") or {}
    return NodeDefinition(
        code=code,
        name=_words(row, where),
        who=_who(_need(row, "who", where), where),
        mode=_choice(row, "mode", where),  # pyright: ignore[reportArgumentType]
        purpose=_choice(row, "purpose", where),  # pyright: ignore[reportArgumentType]
        deadline=_deadline(row.get("deadline"), where),
        condition=tuple((str(name), _texts(values)) for name, values in sorted(condition.items())),
        grants=str(row.get("grants") or ""),
        refuse_absent=_choice(row, "if_absent", where) == "refuse",
        signed=_choice(row, "signature", where) == "required",
    )


def _who(given: Any, where: str) -> Who:
    if not isinstance(given, Mapping):
        raise RouteFault(_("%(where)s: “who” says {role, level}, {post, level} or {users}.") % {"where": where})
    asked = [word for word in ("role", "post", "users") if given.get(word)]
    level, at = str(given.get("level") or ""), str(given.get("at") or "")
    placed = not (level or at) if asked == ["users"] else bool(level) != (at == "subject")
    if len(asked) != 1 or set(given) - {"role", "post", "users", "level", "at"} or not placed:
        text = _("%(where)s: “who” says one of role, post or users; role and post with a level, or at: subject.")
        raise RouteFault(text % {"where": where})
    if level:
        try:
            kinds.kind(level)
        except ValidationError as error:
            raise RouteFault(f"{where}: {'; '.join(error.messages)}") from error
    return Who(
        roles=_texts(given["role"]) if given.get("role") else (),
        level=level,
        post=str(given.get("post") or ""),
        users=_texts(given["users"]) if given.get("users") else (),
    )


def _deadline(given: Any, where: str) -> Deadline | None:
    if not given:
        return None
    hours = given.get("hours") if isinstance(given, Mapping) else None
    if not isinstance(hours, int) or hours <= 0:
        raise RouteFault(_("%(where)s: “deadline” needs hours, a whole number above 0.") % {"where": where})
    return Deadline(hours, _choice(given, "counted", where) == "working")


def _hours(given: Iterable[str], where: str) -> tuple[tuple[time, time], ...]:
    try:
        spans = [str(span).split("-") for span in given]
        found = tuple(
            (time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())) for opens, closes in spans
        )
    except ValueError as error:
        text = _('%(where)s: “working_hours” are spans such as "09:00-12:00".')
        raise RouteFault(text % {"where": where}) from error
    flat = [moment for span in found for moment in span]
    if flat != sorted(set(flat)):
        text = _("%(where)s: “working_hours” must follow each other and not overlap.")
        raise RouteFault(text % {"where": where})
    return found


# Versions ---


@transaction.atomic
def load_routes(definitions: Iterable[Mapping[str, Any]], source: Source) -> list[Loaded[Route]]:
    """Make a new version of each route that differs from what is in force. Loaded again without change: nothing.

    A shipped version does not displace a local one; it is kept beside it, not in force.

    Raises:
        RouteFault: a definition is faulty, or names a role that does not exist. Nothing was loaded.
    """
    given = [(RouteDefinition.from_json(one), dict(one)) for one in definitions]
    known = set(Role.objects.values_list("code", flat=True))
    for route, _json in given:
        for node in route.nodes:
            missing = sorted(set(node.who.roles) - known)
            if missing:
                text = _("Route %(route)s, node %(node)s: there is no role “%(role)s”; there are: %(roles)s.")
                names = {"route": route.code, "node": node.code, "role": missing[0], "roles": ", ".join(sorted(known))}
                raise RouteFault(text % names)
    return [put(Route, route.code, route.name, definition, source) for route, definition in given]


def current(code: str) -> Route:
    """The version of a route that is in force.

    Raises:
        RouteFault: there is none.
    """
    found = Route.objects.filter(code=code, is_current=True).first()
    if found is None:
        raise RouteFault(_("There is no approval route “%(code)s”. Ask the administrator to load it.") % {"code": code})
    return found


_read: dict[str, RouteDefinition] = {}


def defined(route: Route) -> RouteDefinition:
    """A stored version, read; versions never change, so each is read once a process."""
    if route.digest not in _read:
        _read[route.digest] = RouteDefinition.from_json(route.definition)
    return _read[route.digest]
