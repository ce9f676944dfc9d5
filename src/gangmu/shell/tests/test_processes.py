"""Processes of a running site die with whoever keeps them."""

import os
import signal
import subprocess
import sys

from gangmu.foundation.settings.postgres.processes import identify
from gangmu.foundation.settings.tests.postgres_helpers import wait_until

# Keeps one process that says its number and then waits for ever.
KEEPER = """
import sys
from gangmu.shell.cli.processes import Child, keep_running
keep_running([Child("waiting", ["gangmu.shell.tests.waiting"])])
"""


def start_keeper() -> tuple["subprocess.Popen[str]", int]:
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER], stdout=subprocess.PIPE, text=True)
    assert keeper.stdout is not None
    return keeper, int(keeper.stdout.readline())


def test_a_killed_keeper_takes_its_processes_along():
    keeper, child = start_keeper()
    process = identify(child)
    assert process is not None
    keeper.kill()
    keeper.communicate()
    wait_until(lambda: not process.alive(), "the process dies with its keeper")


def test_a_killed_process_is_started_again_and_all_end_together():
    keeper, child = start_keeper()
    assert keeper.stdout is not None
    os.kill(child, signal.SIGKILL)
    again = identify(int(keeper.stdout.readline()))
    assert again is not None and again.pid != child
    keeper.terminate()
    keeper.communicate()
    assert keeper.returncode == 0
    assert not again.alive()


def test_a_process_whose_keeper_died_before_it_was_tied_does_not_start():
    module = [sys.executable, "-P", "-m", "gangmu.shell.cli.tethered", "1", "gangmu.shell.tests.waiting"]
    ended = subprocess.run(module, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "is gone" in ended.stderr
