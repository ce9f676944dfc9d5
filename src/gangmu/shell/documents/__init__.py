"""The pages of files: list, add, download."""
