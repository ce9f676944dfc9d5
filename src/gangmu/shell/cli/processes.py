"""The processes of a running site: started together, started again when one dies, stopped together.

They die with whoever keeps them, even when that one is killed.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import click

STEP = 0.2
STEADY_SECONDS = 10.0
LONGEST_PAUSE = 30.0


@dataclass
class Child:
    """One process to keep alive. After quick deaths it is started again ever later."""

    name: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None
    started: float = 0.0
    pause: float = 0.0
    due: float = 0.0

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gangmu.shell.cli.tethered", str(os.getpid()), *self.arguments],
            env={**os.environ, **self.environment},
        )
        self.started = now

    def watch(self, now: float) -> None:
        """Start it when it is not running and its pause is over."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            click.echo(f"gangmu: {self.name} ended ({code}), starting it again 进程退出，正在重启", err=True)
            self.pause = 0.0 if now - self.started > STEADY_SECONDS else min(max(0.5, 2 * self.pause), LONGEST_PAUSE)
            self.due = now + self.pause
            self.process = None
        if now >= self.due:
            self.start(now)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()


def keep_running(children: list[Child]) -> None:
    """Run until SIGTERM or SIGINT, then stop every child and wait for it."""
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        while not stopping:
            now = time.monotonic()
            for child in children:
                child.watch(now)
            time.sleep(STEP)
    finally:
        for child in children:
            child.stop()
        for child in children:
            if child.process is not None:
                try:
                    child.process.wait(15)
                except subprocess.TimeoutExpired:
                    child.process.kill()
