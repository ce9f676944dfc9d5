"""Five years of days of 1,200 units × 40 indicators: the cube beside PostgreSQL, DuckDB and NumPy."""
