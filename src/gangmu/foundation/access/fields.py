"""Fields that not everybody sees whole, and that not everybody sends."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.utils.translation import gettext as _

from gangmu.foundation.access import permits
from gangmu.foundation.access.scope import Scope


def sees(scope: Scope, key: str, organisation_id: int | None = None) -> bool:
    """Whether a declared field is shown whole; of an organisation's row only with a role there or above it.

    Raises:
        KeyError: nobody declared the field.
    """
    element = permits.elements()[f"field:{key}"]
    if organisation_id is None:
        held = scope.may(element.permission)
    else:
        held = scope.may_at(element.permission, organisation_id)
    return held and scope.opens(element.code, element.permission)


def shown(scope: Scope, key: str, value: str | None, organisation_id: int | None = None) -> str:
    """A field's value as the asker may see it: whole, or masked."""
    mask = permits.elements()[f"field:{key}"].mask
    text = value or ""
    return text if mask is None or sees(scope, key, organisation_id) else mask(text)


def protect(form: BaseForm, scope: Scope, keys: Mapping[str, str], organisation_id: int | None = None) -> None:
    """Take fields out of a form that the asker does not see whole; `keys` are the form's field names and their keys.

    Raises:
        PermissionDenied: one of them was sent all the same.
    """
    for name, key in keys.items():
        if name not in form.fields or sees(scope, key, organisation_id):
            continue
        label = form.fields[name].label or name
        del form.fields[name]
        if form.is_bound and form.add_prefix(name) in form.data:
            raise PermissionDenied(_("Your roles do not let you set “%(field)s”.") % {"field": label})
