"""Norms 规范: standards as data. Clauses that resolve for a cell, compare, and freeze as baselines."""
