"""Leave 离岗 and stand-ins 代理人."""

from datetime import date

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Leave


def set_leave(user: int, stand_in: int, first: date, last: date, *, by: User) -> Leave:
    """Say that `user` is away from `first` to `last` (both counted) and who acts meanwhile."""
    raise NotImplementedError


def end_leave(leave_id: int, *, by: User) -> Leave:
    """End a leave: today is its first day back."""
    raise NotImplementedError
