"""One event as a message of RFC 5424. Its number goes with it: who gets it twice keeps it once."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

AUDIT = 13  # the facility "log audit"
ALERT, WARNING, NOTICE = 1, 4, 5
SD_ID = "gangmu@32473"  # 32473 is the number that RFC 5612 keeps for those who have none of their own
LONGEST_DATAGRAM = 8_000  # bytes; what is longer is cut, and says so


@dataclass(frozen=True)
class Told:
    """What is told of an event."""

    event: int
    xact: int
    kind: str
    refused: bool
    at: datetime
    by: str
    by_id: int | None
    organisation: str
    subject: str
    ip: str
    request: str
    data: dict[str, Any]


def message(told: Told, host: str, *, longest: int | None = None) -> bytes:
    """The message, without framing. `longest` cuts the free text where the line takes no more."""
    severity = ALERT if told.kind == "records.alarm-raised" else WARNING if told.refused else NOTICE
    at = told.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    head = f"<{AUDIT * 8 + severity}>1 {at} {_word(host, 255)} gangmu - {_word(told.kind, 32)}"
    named = {
        "event": told.event,
        "kind": told.kind,
        "outcome": "refused" if told.refused else "done",
        "by": told.by,
        "by_id": told.by_id,
        "organisation": told.organisation,
        "subject": told.subject,
        "address": told.ip,
        "request": told.request,
    }
    parameters = "".join(f' {name}="{_quoted(str(value))}"' for name, value in named.items() if value not in ("", None))
    text = json.dumps(told.data, ensure_ascii=False, separators=(",", ":"))
    whole = _put(head, parameters, text)
    if longest is None or len(whole) <= longest:
        return whole
    room = max(0, longest - len(_put(head, f'{parameters} cut="1"', "")))
    return _put(head, f'{parameters} cut="1"', text.encode()[:room].decode(errors="ignore"))


def _put(head: str, parameters: str, text: str) -> bytes:
    return f"{head} [{SD_ID}{parameters}] \ufeff{text}".encode()


def _word(text: str, longest: int) -> str:
    """Printable US-ASCII without spaces, as headers want it."""
    return re.sub(r"[^\x21-\x7e]", "?", text)[:longest] or "-"


def _quoted(text: str) -> str:
    """A parameter's value: UTF-8, three characters escaped; no line is broken by what somebody typed."""
    return re.sub(r'(["\\\]])', r"\\\1", re.sub(r"[\x00-\x1f\x7f]", " ", text))
