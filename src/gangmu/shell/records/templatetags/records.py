"""Small questions that templates of the record ask."""

from django import template

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.records.models import History
from gangmu.shell.records import words

register = template.Library()


@register.filter
def may(scope: Scope, permission: str) -> bool:
    """Whether the reader may do something."""
    return scope.may(permission)


@register.filter
def named(change: History) -> str:
    """A change in words."""
    return f"{words.model_name(change.model)} {change.row} · {change.get_operation_display()}"
