"""Dictionaries of categories 类别, by which indicators are split."""
