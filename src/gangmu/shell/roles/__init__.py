"""The back office's pages of roles: what they hold, who holds them, what somebody sees and why not, and the review."""
