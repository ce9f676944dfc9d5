"""Processes of a running site die with whoever keeps them."""

import os
import signal
import socket
import subprocess
import sys

from click.testing import CliRunner

from gangmu.foundation.settings.postgres.processes import identify
from gangmu.foundation.settings.tests.postgres_helpers import wait_until
from gangmu.shell.cli.serve import demo_command

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


def test_a_second_demonstration_on_the_same_port_is_refused_before_anything_is_prepared():
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the web server does
        first.bind(("127.0.0.1", 0))
        first.listen()
        port = first.getsockname()[1]
        refused = CliRunner().invoke(demo_command, ["--port", str(port)])
    assert refused.exit_code == 1
    assert f"127.0.0.1:{port} cannot be listened on" in refused.output
    assert "preparing" not in refused.output
