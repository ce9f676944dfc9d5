"""Files and their text."""
