"""Statistical scopes 统计口径: which organisations count in a figure, on which days, and with which share.

A scope is content: named, dated, changed on a page or loaded from a file. Here it is read, checked and kept; the cube
counts by it.
"""
