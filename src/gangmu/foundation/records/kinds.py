"""What events are called on pages. Rooms that note events of their own register them when they are ready."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_titles: dict[str, str] = {
    "accounts.signed-in": _("Signed in"),
    "accounts.signed-out": _("Signed out"),
    "accounts.sign-in-refused": _("Sign-in refused"),
    "accounts.site-refused": _("Sign-in at the wrong site refused"),
    "access.network-refused": _("Network refused"),
    "ui.refused": _("Page refused"),
    "ui.exported": _("List exported"),
    "documents.downloaded": _("Document downloaded"),
    "records.trigger-repaired": _("Recording of a table repaired"),
    "records.trigger-dropped": _("Recording of a table ended"),
    "records.hold-placed": _("Legal hold placed"),
    "records.hold-released": _("Legal hold released"),
    "records.purge-requested": _("Purge asked for"),
    "records.purge-confirmed": _("Purge confirmed"),
    "records.purge-declined": _("Purge declined"),
    "records.purged": _("Records purged"),
    "records.retention-lengthened": _("Records are kept longer"),
    "records.retention-asked": _("Shorter retention asked for"),
    "records.retention-changed": _("Shorter retention agreed to"),
    "records.retention-declined": _("Shorter retention declined"),
    "records.exported": _("Record exported"),
    "records.verified": _("Record verified"),
    "records.alarm-raised": _("Alarm raised"),
    "records.alarm-acknowledged": _("Alarm acknowledged"),
    "records.alarm-rule-set": _("Alarm rule set"),
    "records.stream-set": _("Receiver of the record set"),
    "records.stream-ended": _("Receiver of the record ended"),
    "records.stream-failed": _("Receiver of the record fails"),
    "records.stream-resumed": _("Receiver of the record takes it again"),
}


def register_kind(kind: str, title: str) -> None:
    """Name a kind of event; `title` is an English msgid."""
    _titles[kind] = title


def title_of(kind: str) -> str:
    """A kind's name in the reader's language; the kind itself when nobody has named it."""
    return gettext(_titles[kind]) if kind in _titles else kind


def known_kinds() -> list[tuple[str, str]]:
    """Every named kind with its name in the reader's language, by name."""
    return sorted(((kind, title_of(kind)) for kind in _titles), key=lambda pair: pair[1])
