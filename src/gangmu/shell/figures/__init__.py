"""The pages on which people see figures: looking up, and where a figure comes from."""
