"""Organisations from a CSV file: `gangmu load organisations`."""
