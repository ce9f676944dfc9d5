"""The pages of organisations: the tree of any day, the list, one organisation through time."""
