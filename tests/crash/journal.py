"""A writer's journal: what it was about to send, and what was acknowledged. It outlives the writer.

A line is one `write`, so a killed writer leaves whole lines only. The machine itself is not switched off here, so
what was written to the file is there.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Ledger:
    """What a journal says. Numbers count from 1; `ended` are operations seen to be done later (jobs)."""

    sent: int = 0
    acknowledged: int = 0
    repeated: int = 0  # sent again, by a writer that was killed meanwhile
    unanswered: int = 0  # attempts without an answer
    ended: set[int] = field(default_factory=set)
    signed_in: int = 0
    sign_ins: int = 0
    faults: list[str] = field(default_factory=list)


def read(path: Path) -> Ledger:
    """The journal so far."""
    ledger = Ledger()
    text = path.read_text("utf-8") if path.exists() else ""
    for line in text[: text.rfind("\n") + 1].splitlines():
        word, _, rest = line.partition(" ")
        match word:
            case "sent":
                ledger.repeated += int(rest) == ledger.sent
                ledger.sent = int(rest)
            case "acknowledged":
                ledger.acknowledged = int(rest)
            case "unanswered":
                ledger.unanswered += 1
            case "ended":
                ledger.ended.add(int(rest))
            case "signing-in":
                ledger.sign_ins += 1
            case "signed-in":
                ledger.signed_in += 1
            case "fault":
                ledger.faults.append(rest)
    return ledger


class Journal:
    """The writer's end."""

    def __init__(self, path: Path) -> None:
        self.before = read(path)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, word: str, rest: object = "") -> None:
        """Write one line: `sent 17`, `acknowledged 17`, `fault what was wrong`."""
        os.write(self._file, " ".join(f"{word} {rest}".split()).encode() + b"\n")
