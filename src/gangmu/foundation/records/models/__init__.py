"""What is kept of what happened."""

from gangmu.foundation.records.models.chain import Event, History, Record, Seal, SealPart
from gangmu.foundation.records.models.retention import (
    FLOOR_DAYS,
    Answer,
    Hold,
    Purge,
    Retention,
    RetentionChange,
    RetentionRule,
    Table,
)
from gangmu.foundation.records.models.watching import Alarm, AlarmRule, Receiver, Sign

__all__ = [
    "FLOOR_DAYS",
    "Alarm",
    "AlarmRule",
    "Answer",
    "Event",
    "History",
    "Hold",
    "Purge",
    "Receiver",
    "Record",
    "Retention",
    "RetentionChange",
    "RetentionRule",
    "Seal",
    "SealPart",
    "Sign",
    "Table",
]
