"""The pages of what one was told, and the bell."""
