"""What a user does to organisations. The only place, besides the loader, that writes them.

Days: a change holds from its first day (`from_date`, counted); a last day is counted too.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.days import OPEN, Days, meet
from gangmu.foundation.parties.loading import values
from gangmu.foundation.parties.loading.recording import LoadResult, load_organisations
from gangmu.foundation.parties.models import AttributeValue, Organisation, Placement
from gangmu.foundation.parties.tree import TreeRefused, lock_tree, settle

__all__ = [
    "LoadResult",
    "NotInTheTree",
    "TreeRefused",
    "close",
    "create",
    "load_organisations",
    "move",
    "rename",
    "set_attribute",
]


class NotInTheTree(ValidationError):
    """The organisation does not stand in the tree on the day asked for."""

    def __init__(self, organisation: Organisation, day: date) -> None:
        super().__init__(_("%(code)s is not in the tree on %(day)s") % {"code": organisation.code, "day": day})


@transaction.atomic
def create(
    *,
    code: str,
    kind: str,
    name_zh: str = "",
    name_en: str = "",
    parent: Organisation | None = None,
    from_date: date | None = None,
    last_day: date | None = None,
    attributes: dict[str, str] | None = None,
) -> Organisation:
    """Open an organisation under `parent`, or as a root, with its attributes.

    Raises:
        ValidationError: a code, kind or value that cannot be; a parent that does not stand all that time.
    """
    if from_date and last_day and last_day < from_date:
        words = {"to": last_day, "from": from_date}
        raise ValidationError(_("the last day %(to)s is before the first day %(from)s") % words)
    organisation = Organisation(code=values.code(code), kind=kind, name_zh=name_zh, name_en=name_en)
    organisation.stamp()
    organisation.full_clean()
    organisation.save()
    days = Days.until(from_date, last_day)
    Placement.objects.create(child=organisation, parent=parent, valid=days.valid)
    for name, text in (attributes or {}).items():
        value, number = values.attribute_value(text, _attribute(name))
        AttributeValue.objects.create(
            organisation=organisation, name=name, value=value, number=number, valid=days.valid
        )
    settle()
    return organisation


@transaction.atomic
def move(organisation: Organisation, to_parent: Organisation | None, from_date: date) -> Placement:
    """Place `organisation` under `to_parent` from `from_date` until it would have left its present parent.

    What was before stays as it was. The database cuts the rows of everything below on that day too, so that each
    belongs to one branch.

    Raises:
        NotInTheTree: it does not stand anywhere on that day.
        TreeRefused: the parent would be below it, or does not stand that long.
    """
    lock_tree()
    present = _placement(organisation, from_date)
    if present.parent_id == (to_parent.pk if to_parent else None):
        return present
    days = Days.of(present.valid)
    later_parts = _continuing(present)
    if days.start == from_date:
        present.parent, present.continued = to_parent, False
        present.save(update_fields=["parent", "continued"])
        moved = present
    else:
        present.valid = Days(days.start, from_date).valid
        present.save(update_fields=["valid"])
        moved = Placement.objects.create(child=organisation, parent=to_parent, valid=Days(from_date, days.end).valid)
    for part in later_parts:
        part.parent = to_parent
        part.save(update_fields=["parent"])
    settle()
    return moved


@transaction.atomic
def rename(organisation: Organisation, *, name_zh: str | None = None, name_en: str | None = None) -> None:
    """Give other names; a name is not dated, its history is kept.

    Raises:
        ValidationError: no name would be left, or one is too long.
    """
    if name_zh is not None:
        organisation.name_zh = values.words(name_zh.strip())
    if name_en is not None:
        organisation.name_en = values.words(name_en.strip())
    if not organisation.name_zh and not organisation.name_en:
        raise ValidationError(_("an organisation needs a Chinese or an English name"))
    organisation.save(update_fields=["name_zh", "name_en", "sort_key", "changed_at"])


@transaction.atomic
def set_attribute(organisation: Organisation, name: str, value: str | None, from_date: date) -> None:
    """Let attribute `name` be `value` (None: nothing) from `from_date` until its next change.

    The next change is the first later day on which another value begins, or on which the organisation leaves the
    tree. Each row stays inside one placement.

    Raises:
        ValidationError: an unknown attribute, or a text that is no value of it.
        NotInTheTree: the organisation does not stand anywhere on that day.
    """
    given = values.attribute_value(value.strip(), _attribute(name)) if value and value.strip() else None
    lock_tree()
    _placement(organisation, from_date)
    rows = list(AttributeValue.objects.select_for_update().filter(organisation=organisation, name=name))
    rows.sort(key=lambda row: Days.of(row.valid))
    present = next((row for row in rows if from_date in Days.of(row.valid)), None)
    if (present.value if present else None) == (given[0] if given else None):
        return
    held = present.value if present else None
    later = (Days.of(row.valid).start for row in rows if row.value != held and Days.of(row.valid).start > from_date)
    stretch = Days(from_date, min(later, default=OPEN))
    for row in rows:
        if meet(Days.of(row.valid), stretch):
            _end_row(row, from_date)
    if given:
        text, number = given
        made = False
        for placement in Placement.objects.filter(child=organisation).order_by("valid"):
            days = meet(Days.of(placement.valid), stretch)
            if days:
                AttributeValue.objects.create(
                    organisation=organisation,
                    name=name,
                    value=text,
                    number=number,
                    valid=days.valid,
                    continued=made and placement.continued,
                )
                made = True


@transaction.atomic
def close(organisation: Organisation, last_day: date, *, with_everything_below: bool = False) -> None:
    """Let the organisation leave the tree after `last_day`, and, when asked, everything that stands below it then.

    Raises:
        NotInTheTree: it does not stand anywhere on that day.
        TreeRefused: others still stand below it afterwards.
    """
    lock_tree()
    _placement(organisation, last_day)
    leaving = [organisation.pk]
    if with_everything_below:
        level = leaving
        while level:
            below = Placement.objects.filter(parent__in=level, valid__contains=last_day)
            level = list(below.values_list("child", flat=True))
            leaving += level
    first_day_out = Days.until(None, last_day).end
    after = Days(first_day_out, OPEN)
    for model, owner in ((AttributeValue, "organisation__in"), (Placement, "child__in")):
        for row in model.objects.filter(**{owner: leaving}):
            if meet(Days.of(row.valid), after):
                _end_row(row, first_day_out)
    settle()


def _placement(organisation: Organisation, day: date) -> Placement:
    """Where the organisation stands on `day`, locked."""
    found = Placement.objects.select_for_update().filter(child=organisation, valid__contains=day).first()
    if found is None:
        raise NotInTheTree(organisation, day)
    return found


def _continuing(placement: Placement) -> list[Placement]:
    """The later parts of a placement that the database has cut."""
    parts: list[Placement] = []
    end = Days.of(placement.valid).end
    rows = Placement.objects.select_for_update().filter(child=placement.child_id, parent=placement.parent_id)
    for row in rows.order_by("valid"):
        if row.continued and Days.of(row.valid).start == end:
            parts.append(row)
            end = Days.of(row.valid).end
    return parts


def _end_row(row: Placement | AttributeValue, first_day_out: date) -> None:
    """End a dated row before a day; a row that would have no day left is removed."""
    days = Days.of(row.valid)
    if days.start >= first_day_out:
        row.delete()
    else:
        row.valid = Days(days.start, first_day_out).valid
        row.save(update_fields=["valid"])


def _attribute(name: str) -> kinds.Attribute:
    try:
        return kinds.attributes()[name]
    except KeyError:
        known = ", ".join(kinds.attributes())
        message = _("“%(name)s” is not a known attribute. Known attributes: %(known)s.")
        raise ValidationError(message % {"name": name, "known": known}) from None
