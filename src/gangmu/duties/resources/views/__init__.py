"""The pages of the register. The list is in lists.py."""
