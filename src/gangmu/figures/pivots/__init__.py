"""Pivots 透视分析: figures of chosen indicators, organisations, periods and comparisons on rows and columns.

A pivot is an address: everything it asks for stands in its query string. Saved, it has a name and an owner, may be
shared with colleagues, stand on home pages and be filed as a workbook at set times; figures are asked anew each time,
in the scope of whoever looks.
"""
