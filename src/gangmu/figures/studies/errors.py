"""What a study refuses, with what to do about it."""

from django.utils.functional import Promise


class StudyError(Exception):
    """A part of a study, or all of it, cannot be made."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(words)

    def __str__(self) -> str:
        return str(self.args[0])
