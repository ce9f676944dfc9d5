"""The pages of the way in, and of one's own account."""
