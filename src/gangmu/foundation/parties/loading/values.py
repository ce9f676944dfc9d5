"""Single fields of the organisations file: what they mean, or what is wrong with them and how to write them."""

import re
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gangmu.foundation.parties.kinds import Attribute, AttributeType
from gangmu.foundation.parties.models.organisations import CODE_PATTERN
from gangmu.foundation.settings import textfiles

LONGEST_CODE = 64
LONGEST_TEXT = 200
MOST_DECIMALS = 9
MOST_DIGITS = 15
_CODE = re.compile(CODE_PATTERN)
_ISO = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_YEAR_FIRST = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Fault(ValidationError):
    """A field that cannot be taken; the message says why and what to write."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.text = message


def code(text: str) -> str:
    """A well-formed code."""
    if not text:
        raise Fault(_("is blank; every line names its organisation"))
    if len(text) > LONGEST_CODE:
        raise Fault(_("is longer than %(most)d characters") % {"most": LONGEST_CODE})
    if not _CODE.match(text):
        raise Fault(
            _("“%(text)s” is not a code; use half-width letters, digits, Chinese characters and _ . : # -")
            % {"text": text}
        )
    return text


def words(text: str) -> str:
    """One line of text."""
    if len(text) > LONGEST_TEXT:
        raise Fault(_("is longer than %(most)d characters") % {"most": LONGEST_TEXT})
    if _CONTROL.search(text):
        raise Fault(_("holds a line break or control character; write it on one line"))
    return text


def day(text: str) -> date:
    """A date written YYYY-MM-DD."""
    if _ISO.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise Fault(_("“%(text)s” is no day of the calendar") % {"text": text}) from error
    message = _("“%(text)s” is not a date of the form YYYY-MM-DD") % {"text": text[:40]}
    other_style = _YEAR_FIRST.match(text) or _COMPACT.match(text)
    if other_style:
        try:
            meant = date(*(int(part) for part in other_style.groups()))
        except ValueError:
            raise Fault(message) from None
        message += "; " + _("write %(meant)s") % {"meant": meant.isoformat()}
    raise Fault(message)


def number(text: str, attribute: Attribute) -> Decimal:
    """A plain decimal number within the attribute's bounds."""
    if not textfiles.NUMBER.match(text):
        raise Fault(textfiles.number_fault(text))
    value = Decimal(text)
    if value and value.adjusted() >= MOST_DIGITS:
        raise Fault(_("“%(text)s” is larger than anything that can be recorded") % {"text": text[:40]})
    if -int(value.normalize().as_tuple().exponent) > MOST_DECIMALS:
        raise Fault(_("“%(text)s” has more than %(most)d decimals") % {"text": text[:40], "most": MOST_DECIMALS})
    least, most = attribute.minimum, attribute.maximum
    if (least is not None and value < least) or (most is not None and value > most):
        given = {"text": text, "least": least, "most": most}
        if most is None:
            raise Fault(_("%(text)s is less than %(least)d") % given)
        if least is None:
            raise Fault(_("%(text)s is more than %(most)d") % given)
        raise Fault(_("%(text)s is not between %(least)d and %(most)d") % given)
    return value


def canonical(value: Decimal) -> str:
    """The shortest plain decimal text of `value`: 600, not 600.0, 6E+2 or -0."""
    return format(value.normalize(), "f") if value else "0"


def attribute_value(text: str, attribute: Attribute) -> tuple[str, Decimal | None]:
    """The text to keep and, for a number, the number.

    Raises:
        Fault: the text is not a value of this attribute.
    """
    match attribute.type:
        case AttributeType.NUMBER:
            value = number(text, attribute)
            return canonical(value), value
        case AttributeType.DATE:
            return day(text).isoformat(), None
        case _:
            return words(text), None


def warning(text: str, attribute: Attribute) -> str | None:
    """What to tell about a value that is taken although nobody knows it."""
    if attribute.type is not AttributeType.CHOICE or attribute.choice(text):
        return None
    close = attribute.suggestion(text)
    hint = " " + _("Did you mean “%(code)s”?") % {"code": close} if close else ""
    return _("“%(text)s” is not a known value; it is kept as it is.") % {"text": text} + hint
