"""Periods, calendars and clocks."""
