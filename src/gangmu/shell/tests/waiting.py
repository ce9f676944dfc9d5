"""A process for tests: says its number, then waits until it is stopped."""

import os
import signal

print(os.getpid(), flush=True)
signal.pause()
