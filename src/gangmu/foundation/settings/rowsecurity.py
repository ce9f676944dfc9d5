"""How a model says who may see its rows. `access` turns the declarations into PostgreSQL policies.

A model carries one of these as the class attribute `row_security`. A model without one fails a system check:
a missing rule means no access, never open access.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ByOrganisation:
    """Rows belong to an organisation and are seen through the scope of `room`.

    Args:
        room: the room whose scope counts (`parties`, `figures`, …).
        field: the database column that holds the organisation's id.
        during: what a *former* branch keeps. None: nothing. A column name holding a date (`day`) or a
            daterange, or the call of a database function that gives a date: the rows whose dates overlap the time in
            which the organisation was its own. `"ever"`: the row itself, whenever the organisation was its own (for
            identities).
        own: a column holding a user's id: a user always sees the rows that are their own.
        own_writes: whether a user may also change the rows that are their own.
        unowned: whether rows of no organisation are seen too, by whoever may view the room at the top of the tree.
    """

    room: str
    field: str = "organisation_id"
    during: str | None = None
    own: str | None = None
    own_writes: bool = False
    unowned: bool = False


@dataclass(frozen=True)
class Whole:
    """Rows of the whole installation, read by whoever may view `room` at the top of the tree; `own` as above.

    They are written through functions of the database, never by the web role itself.
    """

    room: str
    own: str | None = None


@dataclass(frozen=True)
class ByUser:
    """Rows belong to one user, who alone sees them. `shared` names a boolean column that opens a row for reading."""

    field: str = "user_id"
    shared: str | None = None


@dataclass(frozen=True)
class ByParent:
    """Rows are seen when their parent row is: `field` points to `parent` (app_label.Model) which has a rule itself."""

    field: str
    parent: str


@dataclass(frozen=True)
class Everyone:
    """Readable by everybody who has signed in.

    `write=True` also lets the web role change rows, guarded by services alone.
    """

    write: bool = False
    anonymous: bool = False


@dataclass(frozen=True)
class SystemOnly:
    """The web role has no grant at all; pages reach such rows through security-definer functions, if at all."""


@dataclass(frozen=True)
class Plumbing:
    """Tables of the framework that hold nothing of an organisation (sessions, kinds of content): granted, no policy."""

    privileges: str = "SELECT, INSERT, UPDATE, DELETE"


RowSecurity = ByOrganisation | Whole | ByUser | ByParent | Everyone | SystemOnly | Plumbing
