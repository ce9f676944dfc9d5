"""Changing organisations in the back office: ask, look at what it does, make it; and what was changed or is planned."""
