"""What columns are called that have no name of their own: in the words of a reader, in both languages."""

from django.db.models import Field
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES = {
    "id": _("running number"),
    "after": _("after"),
    "asked_by_id": _("asked for by"),
    "asked_by_name": _("asked for by (name)"),
    "before": _("before"),
    "begun_at": _("begun at"),
    "baseline_id": _("baseline"),
    "body_id": _("body"),
    "calendar_id": _("calendar"),
    "change_id": _("change"),
    "child_id": _("organisation"),
    "confirmed_at": _("confirmed at"),
    "contact_id": _("contact"),
    "column_rank": _("place of the column"),
    "correction_id": _("correction"),
    "credential": _("credential"),
    "details": _("details"),
    "digest": _("digest"),
    "document_id": _("document"),
    "edition_id": _("edition"),
    "filer_id": _("who files"),
    "golive_id": _("going live"),
    "grading_id": _("grading"),
    "indicator_id": _("indicator"),
    "issuer_en": _("issuer (English)"),
    "issuer_zh": _("issuer (Chinese)"),
    "level_rank": _("place of the level"),
    "made_by_id": _("made by"),
    "marks": _("marks"),
    "opened": _("opened"),
    "organisation_id": _("organisation"),
    "parent_id": _("stands under"),
    "post_id": _("post"),
    "public_key": _("public key"),
    "publication_id": _("publication"),
    "resource_id": _("resource"),
    "role_id": _("role"),
    "roster_id": _("roster"),
    "row_rank": _("place of the row"),
    "secret": _("secret"),
    "set_by_id": _("set by"),
    "set_by_name": _("set by (name)"),
    "sha256": _("digest"),
    "sheet_id": _("sheet"),
    "signed_by_name": _("signed by (name)"),
    "slug": _("name in addresses"),
    "sort_key": _("sort key"),
    "stand_in_id": _("stand-in"),
    "stand_in_name": _("stand-in (name)"),
    "successor_id": _("successor"),
    "user_id": _("user"),
    "user_name": _("user (name)"),
    "version": _("version"),
    "withdrawn_by_id": _("withdrawn by"),
    "year_id": _("year"),
}


def is_named(field: Field) -> bool:
    """Whether a column has a name in both languages."""
    return isinstance(field.verbose_name, Promise) or field.column in NAMES


def name_of(field: Field) -> str:
    """A column's name in the reader's language."""
    column = str(field.column)
    return str(field.verbose_name if isinstance(field.verbose_name, Promise) else NAMES.get(column, column))
