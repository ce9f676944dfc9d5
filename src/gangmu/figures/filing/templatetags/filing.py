"""Filters of filing's templates: `{% load filing %}`."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(mapping: Mapping[Any, Any], key: Any) -> Any:
    """What a mapping holds under a key that the template has in a variable."""
    return mapping.get(key)
