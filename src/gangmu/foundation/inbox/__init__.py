"""The inbox 待办: everything that waits for a person, from whichever room has it."""
