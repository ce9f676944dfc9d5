"""What can be refused here."""


class PublicationError(Exception):
    """Something about a publication was refused; the text says what, and what to do."""


class NotAllowed(PublicationError):
    """The asker's roles do not let them publish figures of the organisation."""


class NotReady(PublicationError):
    """What is asked for makes no sense as it stands."""


class NotPublished(PublicationError):
    """The period is none of those that the publication tells."""
