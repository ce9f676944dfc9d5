"""Proof that nothing acknowledged is lost and nothing is half-there: see docs/concepts/crashes.md."""
