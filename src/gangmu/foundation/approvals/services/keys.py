"""Idempotency keys as they are kept: whatever their length, different ones stay different."""

import hashlib

KEPT = 80


def kept(key: str) -> str:
    """A key as a row holds it."""
    return key if len(key) <= KEPT else hashlib.sha256(key.encode()).hexdigest()


def occasion(kind: str, key: str, by: int) -> str:
    """What a notice is told once of: one act of one person."""
    return f"{kind}:{hashlib.sha256(f'{by}:{key}'.encode()).hexdigest()[:40]}"
