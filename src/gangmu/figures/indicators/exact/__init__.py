"""Exact arithmetic on columns. See `cells`, `evaluating` and `aggregating`."""
