"""Processes that write until they are told to stop, or killed."""
