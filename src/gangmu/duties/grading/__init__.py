"""Grades of systems by schemes 定级: factors, matrices, confirmation by four parties, propagation, certificates."""
