"""Tiles of home pages that show figures: registered kinds, and the source that asks the cube for all of a page."""
