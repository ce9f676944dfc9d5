"""Gangmu 纲目: figures and duties of a group that is steered in tiers."""

__version__ = "0.1.0"
