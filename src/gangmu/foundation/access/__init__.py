"""Roles, assignments, dated scopes and row security."""
