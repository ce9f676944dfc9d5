"""What happened: history, the sealed chain."""
