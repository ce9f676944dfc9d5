"""What this room ships: schemes of grading, norms."""
