"""Kinds of organisations and their dated attributes, as the business rooms register them.

The foundation knows no business word: `business/power` says that there are plants and that a plant has a fuel.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Words:
    """One text in both languages; `str()` gives the active one."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if (get_language() or "zh-hans").startswith("zh") else self.en


@dataclass(frozen=True)
class Kind:
    """A kind of organisation. `rank` orders kinds from the root down and prepares drawing; it forbids nothing."""

    code: str
    name: Words
    rank: int
    icon: str = "building"


class AttributeType(StrEnum):
    """What a value of an attribute is."""

    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    DATE = "date"


@dataclass(frozen=True)
class Choice:
    """A known value of an attribute: its code, its names and other spellings that mean the same."""

    code: str
    name: Words
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attribute:
    """A dated attribute of organisations.

    Args:
        inherited: an organisation without a value has that of its nearest ancestor with one.
        minimum, maximum: bounds of a number, both included.
        choices: the known values of a choice; a value outside them is kept, with a warning.
    """

    name: str
    label: Words
    type: AttributeType
    unit: str = ""
    inherited: bool = False
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[Choice, ...] = ()
    _spellings: dict[str, Choice] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for choice in self.choices:
            for spelling in (choice.code, choice.name.zh, choice.name.en, *choice.aliases):
                self._spellings.setdefault(spelling.casefold(), choice)

    def choice(self, text: str) -> Choice | None:
        """The known choice that `text` spells in either language, or None."""
        return self._spellings.get(text.strip().casefold())

    def shown(self, text: str) -> str:
        """`text` for a reader: a known choice by its name in the active language, anything else as it is."""
        known = self.choice(text) if self.type is AttributeType.CHOICE else None
        return str(known.name) if known else text

    def suggestion(self, text: str) -> str | None:
        """The code of a known choice that looks like `text`."""
        close = get_close_matches(text.casefold(), self._spellings, n=1, cutoff=0.6)
        return self._spellings[close[0]].code if close else None


class UnknownKind(ValidationError):
    """No business room registered this kind."""

    def __init__(self, code: str) -> None:
        self.code_given = code
        close = get_close_matches(code.casefold(), _kinds, n=1, cutoff=0.6) or [
            known.code for known in _kinds.values() if code in (known.name.zh, known.name.en)
        ]
        self.suggestion = close[0] if close else None
        known = ", ".join(kind.code for kind in all_kinds())
        message = _("“%(code)s” is not a known kind. Known kinds: %(known)s.") % {"code": code, "known": known}
        if self.suggestion:
            message += " " + _("Did you mean “%(code)s”?") % {"code": self.suggestion}
        super().__init__(message)


_kinds: dict[str, Kind] = {}
_attributes: dict[str, Attribute] = {}


def register(*, kinds: Iterable[Kind] = (), attributes: Iterable[Attribute] = ()) -> None:
    """Make kinds and attributes known; a business room calls it when it starts.

    Raises:
        ValueError: another room registered something else under the same code.
    """
    for kind_ in kinds:
        if _kinds.setdefault(kind_.code, kind_) != kind_:
            raise ValueError(f"kind {kind_.code!r} is registered twice")
    for attribute_ in attributes:
        if _attributes.setdefault(attribute_.name, attribute_) != attribute_:
            raise ValueError(f"attribute {attribute_.name!r} is registered twice")


def kind(code: str) -> Kind:
    """The kind registered as `code`.

    Raises:
        UnknownKind: nobody registered it.
    """
    found = _kinds.get(code)
    if found is None:
        raise UnknownKind(code)
    return found


def all_kinds() -> list[Kind]:
    """All kinds, from the root down."""
    return sorted(_kinds.values(), key=lambda known: (known.rank, known.code))


def attributes() -> Mapping[str, Attribute]:
    """All attributes by name, in the order of registration."""
    return _attributes
