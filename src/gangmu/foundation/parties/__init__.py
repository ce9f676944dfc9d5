"""Organisations, placements, dated attributes, bodies, posts."""
