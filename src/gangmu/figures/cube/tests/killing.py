"""A folder of facts that is killed on its way."""

import os
import signal

from django.db import connection

from gangmu.figures.cube import services


def killed_at(step: str) -> None:
    """Fold in a process of its own, which is killed when it comes to `step`."""
    connection.close()
    child = os.fork()
    if child == 0:
        services.fold(at=lambda name: os.kill(os.getpid(), signal.SIGKILL) if name == step else None)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), f"there is no step {step}"
