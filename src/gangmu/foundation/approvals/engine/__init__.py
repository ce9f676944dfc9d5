"""The rules of approval, pure: what stands, who may do what, and what becomes of it. No database, no clock.

`standing` says how a case stands, `allowed` what somebody may do with it, `acting` what their act makes of it,
`opening` how a route is resolved and its nodes open.
"""

from gangmu.foundation.approvals.engine.acting import Act, act
from gangmu.foundation.approvals.engine.allowed import allowed_actions, holders, seats
from gangmu.foundation.approvals.engine.opening import resolve, submit
from gangmu.foundation.approvals.engine.standing import PathStep, Place, Seat, Standing

__all__ = [
    "Act",
    "PathStep",
    "Place",
    "Seat",
    "Standing",
    "act",
    "allowed_actions",
    "holders",
    "resolve",
    "seats",
    "submit",
]
