"""`python -m gangmu.shell.cli.tethered PARENT MODULE …`: run a module in a process that dies with its parent.

A killed `gangmu run` must not leave a web server behind that keeps the port, nor a second folder or worker. The call
is made here, after exec, and not between fork and exec, where a process with threads may do next to nothing.
"""

import os
import runpy
import sys

from gangmu.foundation.settings.postgres.processes import die_with_parent


def tie_to(parent: int) -> None:
    """From now on be killed when `parent` dies; at once when it is dead already."""
    die_with_parent()
    if os.getppid() != parent:
        sys.exit("the process that started this one is gone")


if __name__ == "__main__":
    tie_to(int(sys.argv[1]))
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
