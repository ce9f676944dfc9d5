"""Nodes for `<c-tree>`."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class TreeNode:
    """One line of a tree. `open` shows the children at first.

    `current` marks the line one looks at, `mark` says what is planned.
    """

    label: str | Promise
    href: str = ""
    code: str = ""
    note: str | Promise = ""
    icon: str = ""
    children: "Sequence[TreeNode]" = ()
    open: bool = False
    current: bool = False
    mark: str | Promise = ""  # what is about to change
