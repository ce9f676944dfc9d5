"""Who there is: organisations, their place in the tree by date, and the people who can be reached."""

from gangmu.foundation.parties.models.changes import Change, Succession, Verb
from gangmu.foundation.parties.models.organisations import (
    AttributeValue,
    ClosureDue,
    Membership,
    Organisation,
    Placement,
)
from gangmu.foundation.parties.models.people import Appointment, Body, Contact, Post, Roster, Shift

__all__ = [
    "Appointment",
    "AttributeValue",
    "Body",
    "Change",
    "ClosureDue",
    "Contact",
    "Membership",
    "Organisation",
    "Placement",
    "Post",
    "Roster",
    "Shift",
    "Succession",
    "Verb",
]
