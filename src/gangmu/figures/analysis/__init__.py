"""Analysis 分析: what made a figure change, where it stands, what it will be. See docs/concepts/analysis.md.

Pure functions on exact numbers (`Fraction`, integers, columns of `figures.indicators.exact`): they ask no database
and know no scope. Who calls them gives the figures that the asker may see.
"""
