"""What a pivot refuses, with what to do about it."""

from django.utils.functional import Promise


class PivotError(Exception):
    """A pivot cannot be shown; nothing was done."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(words)

    def __str__(self) -> str:
        return str(self.args[0])


class NotAllowed(PivotError):
    """A pivot is not the asker's to change, or not theirs to share there."""
