"""Random worlds and questions about them, drawn with purpose: small, dense where the questions look."""

from oracle.draw.questions import draw_questions
from oracle.draw.worlds import draw_world

__all__ = ["draw_questions", "draw_world"]
