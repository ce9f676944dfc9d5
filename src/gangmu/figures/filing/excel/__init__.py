"""Sheets as workbooks: templates made per form, what people send back read, checked, stored, and marked."""
