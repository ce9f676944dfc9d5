from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of_cell(boxes: Mapping[str, Any], name: str) -> Any:
    """What belongs to a cell of a matrix."""
    return boxes[name]
