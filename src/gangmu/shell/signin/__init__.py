"""Signing in and out of the business site."""
