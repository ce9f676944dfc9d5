"""Why something was refused. Every message says what happened and what to do."""


class ApprovalError(Exception):
    """Nothing was changed. `str()` is for the user, in their language."""


class NotAllowed(ApprovalError):
    """They hold no open place at the present node, asked for it themselves, or lack a permission."""


class ContentChanged(ApprovalError):
    """The subject is no longer what was seen, or no longer what was submitted."""


class CaseClosed(ApprovalError):
    """The case has ended, or is with its requester."""


class CaseOpen(ApprovalError):
    """The subject is under approval already."""


class AlreadyDecided(ApprovalError):
    """Somebody was faster: the place is decided."""


class NobodyHolds(ApprovalError):
    """A node would be held by nobody, or by the requester alone."""


class NoSuchTier(NobodyHolds):
    """A tier that the route does not skip is absent above the organisation, or no node is left at all."""


class NeedsReason(ApprovalError):
    """The action needs a reason."""


class NeedsSignature(ApprovalError):
    """The node takes signed decisions alone."""


class TooSoon(ApprovalError):
    """They were reminded less than an hour ago."""


class NotFound(ApprovalError):
    """There is no such case, or it is outside the asker's scope."""


class RouteFault(ApprovalError):
    """A route's file does not say what it must; the message names the place."""
