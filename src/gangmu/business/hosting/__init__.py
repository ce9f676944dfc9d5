"""Hosting of systems 托管: the standard JR/T 0133-2015 as clauses."""
