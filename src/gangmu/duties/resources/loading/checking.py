"""What the lines of a file would change, compared with what is recorded: nothing is written here.

A resource may have several lines, one for each thing that it needs; they say the same of it or leave it blank. A blank
field changes nothing, so that a file can be given twice and an export can be mended and given back.
"""

import re
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from gangmu.duties.resources.loading.judged import Judged, Need, Outcome, Wanted
from gangmu.duties.resources.loading.reading import OF_DEPENDENCY, OF_RESOURCE
from gangmu.duties.resources.loading.together import look_together
from gangmu.duties.resources.loading.world import World, world_of
from gangmu.duties.resources.models import Kind
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.documents.workbooks.tables import Line
from gangmu.foundation.parties.loading import values
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

YES = {"yes", "y", "true", "1", "是", "√"}
NO = {"no", "n", "false", "0", "否", "×"}
PARTICULAR = re.compile(r"\s*[;；\n]\s*")
MOST_NEEDED = 1000


def judge(lines: list[Line], scope: Scope) -> list[Judged]:
    """Every line with what it would change, or what is wrong with it, by column."""
    world = world_of(lines, scope)
    wanted: dict[str, Wanted] = {}
    judged = []
    for line in lines:
        code = line.fields["code"]
        first = code not in wanted
        one = Judged(line, wanted.setdefault(code, Wanted(code, world.resources.get(code))))
        one.faults += line.faults
        _identity(one, world)
        _resource(one, world, first)
        judged.append(one)
    for one in judged:  # what is needed may stand further down
        _need(one, world, wanted)
    _agree(judged)
    look_together(judged, world)
    for one in judged:
        if one.faults:
            one.outcome = Outcome.ERROR
        elif one.changes:
            new = one.wanted.row is None and any(column == "code" for column, _b, _a in one.changes)
            one.outcome = Outcome.NEW if new else Outcome.CHANGED
    return judged


# The resource ---------------------------------------------------------------------------------------------------------


def _identity(one: Judged, world: World) -> None:
    code, row = one.given["code"], one.wanted.row
    if not code:
        one.fault("code", _("is blank; every line names its resource"))
        return
    if row is not None:
        if not world.may_change(row.organisation_id):
            one.fault("code", _("is a resource whose register you do not keep"))
        return
    if code in world.elsewhere:
        one.fault("code", _("is taken by a resource outside your branch; choose another"))
    try:
        values.code(code)
    except values.Fault as fault:
        one.fault("code", fault.text)


def _resource(one: Judged, world: World, first: bool) -> None:
    """What the line says of its resource; of a new one the first line says what it must."""
    given, row = one.given, one.wanted.row
    if first and row is None:
        one.changes.append(("code", "", given["code"]))
        for column, blank in (
            ("kind", _("is blank; say what the resource is")),
            ("organisation", _("is blank; write the code of the organisation")),
        ):
            if not given[column]:
                one.fault(column, blank)
        if not given["name_zh"] and not given["name_en"]:
            one.fault("name_zh", _("is blank; a resource needs a Chinese or an English name"))
    for column in ("name_zh", "name_en"):
        if given[column]:
            if len(given[column]) > 200:
                one.fault(column, _("is longer than %(most)d characters") % {"most": 200})
            _set(one, column, column, given[column])
    if given["remark"]:
        _set(one, "remark", "remark", given["remark"])
    _kind(one)
    _supporting(one)
    place = _owner(one, world)
    _responsible(one, world, place)
    _attributes(one)
    _days(one, world)


def _set(one: Judged, column: str, name: str, after: Any, shown: tuple[str, str] | None = None) -> None:
    """What goes in, and what is told of it where it differs; a line that repeats an earlier one tells nothing more."""
    wanted = one.wanted
    if name in wanted.values:
        return
    before = getattr(wanted.row, name) if wanted.row else None
    if wanted.row and before == after:
        return
    wanted.values[name] = after
    one.changes.append((column, *(shown or (str(before or ""), str(after)))))


@cache
def _kinds() -> dict[str, str]:
    """The kinds by their codes and by what they are called in both languages."""
    known = {str(value): str(value) for value in Kind.values}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            known |= {str(label).lower(): str(value) for value, label in Kind.choices}
    return known


def _kind(one: Judged) -> None:
    text = one.given["kind"]
    if not text:
        return
    kind = _kinds().get(text.lower())
    if kind is None:
        text = _("“%(text)s” is no kind of resource; write one of: %(known)s") % {
            "text": text[:40],
            "known": ", ".join(f"{value} ({label})" for value, label in Kind.choices),
        }
        one.fault("kind", text)
        return
    before = str(Kind(one.wanted.row.kind).label) if one.wanted.row else ""
    _set(one, "kind", "kind", kind, (before, str(Kind(kind).label)))


def _supporting(one: Judged) -> None:
    text = one.given["supporting"].lower()
    if not text:
        return
    if text not in YES | NO:
        one.fault("supporting", _("“%(text)s” is neither yes nor no") % {"text": text[:40]})
        return
    said = {True: _("yes"), False: _("no")}
    before = said[one.wanted.row.supporting] if one.wanted.row else ""
    if one.wanted.row or text in YES:
        _set(one, "supporting", "supporting", text in YES, (before, said[text in YES]))


def _owner(one: Judged, world: World) -> Organisation | int | None:
    code, row = one.given["organisation"], one.wanted.row
    if not code:
        return row.organisation_id if row else one.wanted.values.get("organisation")
    place = world.organisations.get(code)
    if place is None:
        one.fault("organisation", _("“%(code)s” is no organisation that you may see") % {"code": code[:64]})
    elif not world.may_change(place):
        one.fault("organisation", _("is not an organisation whose register you keep"))
    elif row is None or row.organisation_id != place.pk:
        before = Organisation.objects.filter(pk=row.organisation_id).first() if row else None
        _set(one, "organisation", "organisation", place, (str(before.code) if before else "", code))
    return place


def _responsible(one: Judged, world: World, place: Organisation | int | None) -> None:
    name, called, row = one.given["responsible"], one.given["post"], one.wanted.row
    if name:
        user = world.users.get(name)
        if user is None:
            one.fault(
                "responsible", _("“%(name)s” is no user whom you may see; write a user name") % {"name": name[:80]}
            )
        elif row is None or row.responsible_id != user.pk:
            _set(one, "responsible", "responsible", user, ("", user.username))
    if called and place is not None:
        owner = place if isinstance(place, int) else place.pk
        posts = world.posts.get(owner, [])
        post = next((held for held in posts if called in (held.code, held.name_zh, held.name_en)), None)
        if post is None:
            one.fault("post", _("“%(post)s” is no post of the owner; write its code or name") % {"post": called[:64]})
        elif row is None or row.post_id != post.pk:
            _set(one, "post", "post", post, ("", post.name))


def _attributes(one: Judged) -> None:
    """`name=value; name=value`; a name with nothing behind it takes the particular away."""
    text = one.given["attributes"]
    if not text:
        return
    held = dict(one.wanted.row.attributes) if one.wanted.row else {}
    for part in filter(None, PARTICULAR.split(text)):
        name, sign, value = (bit.strip() for bit in part.replace("＝", "=").partition("="))
        if not sign or not name:
            one.fault(
                "attributes", _("“%(part)s” does not say “name=value”; part several with ;") % {"part": part[:40]}
            )
            return
        if len(name) > 40 or len(value) > 200:
            one.fault(
                "attributes",
                _("“%(part)s” is too long: 40 characters for the name, 200 for the value") % {"part": name[:40]},
            )
            return
        if value:
            held[name] = value
        else:
            held.pop(name, None)
    before = one.wanted.row.attributes if one.wanted.row else {}
    _set(one, "attributes", "attributes", held, (told(before), told(held)))


def told(attributes: dict[str, str]) -> str:
    """Particulars as a file writes them."""
    return "; ".join(f"{name}={value}" for name, value in attributes.items())


def day_of(one: Judged, column: str) -> date | None:
    """The day in a field; None where it is blank or, which is then said, none."""
    text = one.given[column]
    try:
        return values.day(text) if text else None
    except values.Fault as fault:
        one.fault(column, fault.text)
        return None


def _days(one: Judged, world: World) -> None:
    wanted, row = one.wanted, one.wanted.row
    first, last = day_of(one, "valid_from"), day_of(one, "valid_to")
    if first and row is None and wanted.since is None:
        wanted.since = first
        one.changes.append(("valid_from", "", first.isoformat()))
    elif first and row is not None and first != row.since:
        one.fault("valid_from", _("is %(day)s in the register and does not change") % {"day": row.since})
    if last is None:
        return
    until = last + timedelta(days=1)
    if last < wanted.start:
        one.fault("valid_to", _("is before valid_from"))
    elif wanted.until is None and (row is None or row.valid.upper != until):
        wanted.until = until
        before = row.valid.upper - timedelta(days=1) if row and row.valid.upper else ""
        one.changes.append(("valid_to", str(before), last.isoformat()))


# What it needs --------------------------------------------------------------------------------------------------------


def _need(one: Judged, world: World, wanted: dict[str, Wanted]) -> None:
    given = one.given
    code = given["needs"]
    if not code:
        for column in OF_DEPENDENCY[1:]:
            if given[column]:
                one.fault(column, _("says something of a dependency, and yet “needs” is blank"))
        return
    on = wanted.get(code) or (Wanted(code, world.resources[code]) if code in world.resources else None)
    if code == given["code"]:
        one.fault("needs", _("is the resource itself; nothing needs itself"))
        return
    if on is None:
        one.fault("needs", _("“%(code)s” is no resource that you may see, nor one of this file") % {"code": code[:64]})
        return
    held = None
    if one.wanted.row and on.row:
        held = world.needs.get((one.wanted.row.pk, on.row.pk))
    one.need = need = Need(code, held=held, on_is_new=on.row is None)
    _group(one, need)
    first, last = day_of(one, "needs_from"), day_of(one, "needs_to")
    need.until = last + timedelta(days=1) if last else None
    _when(one, need, on, first)
    if need.until and need.since and need.until <= need.since:
        one.fault("needs_to", _("is before needs_from"))


def _group(one: Judged, need: Need) -> None:
    group, number = one.given["group"], one.given["needed"]
    if group:
        need.group = group
        if len(group) > 40:
            one.fault("group", _("is longer than %(most)d characters") % {"most": 40})
    elif number:
        one.fault("group", _("is blank, and yet the line says how many suffice"))
    if number:
        if not number.isascii() or not number.isdecimal() or not 1 <= int(number[:9]) <= MOST_NEEDED:
            one.fault("needed", _("“%(text)s” is no whole number of 1 or more") % {"text": number[:40]})
        else:
            need.needed = int(number)


def _when(one: Judged, need: Need, on: Wanted, first: date | None) -> None:
    """From when on, within the days of both; and whether that is anything new."""
    held, both = need.held, max(one.wanted.start, on.start)
    if held is not None:
        need.since = held.since
        if first and first != held.since:
            one.fault("needs_from", _("is %(day)s in the register and does not change") % {"day": held.since})
        if need.until == held.valid.upper:
            need.until = None
        elif need.until:
            before = held.valid.upper - timedelta(days=1) if held.valid.upper else ""
            one.changes.append(("needs_to", str(before), str(need.until - timedelta(days=1))))
        return
    need.since = first or (both if one.wanted.row is None else max(both, clock.today()))
    if need.since < both:
        text = _("is before %(day)s, when both are in the register") % {"day": both}
        one.fault("needs_from", text)
    one.changes.append(("needs", "", need.on))


def _agree(judged: list[Judged]) -> None:
    """Lines of one resource say the same of it, and name what it needs once."""
    first: dict[tuple[str, str], Judged] = {}
    named: dict[tuple[str, str], Judged] = {}
    for one in judged:
        code = one.given["code"]
        for column in OF_RESOURCE[1:]:
            text = one.given[column]
            if not text:
                continue
            before = first.setdefault((code, column), one)
            if before.given[column] != text:
                words = _("is not as in line %(line)d of the same resource") % {"line": before.line.number}
                one.fault(column, words)
        before = named.setdefault((code, one.given["needs"]), one)
        if before is not one:
            one.fault(
                "needs" if one.given["needs"] else "code",
                _("is the same as line %(line)d") % {"line": before.line.number},
            )
