"""What can be had in a moment, and not now."""


class NotNow(Exception):
    """Something is being made or brought up to date; nothing was changed. The text tells the reader what it is.

    Nobody need catch it: the page says so and when to try again (503).
    """
