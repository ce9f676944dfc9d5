"""Roles and assignments, and the quarterly review of them."""

from gangmu.foundation.access.models.reviews import Review, ReviewLine, ReviewPart
from gangmu.foundation.access.models.roles import Assignment, Role

__all__ = ["Assignment", "Review", "ReviewLine", "ReviewPart", "Role"]
