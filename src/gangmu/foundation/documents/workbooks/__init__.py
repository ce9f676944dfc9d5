"""Files that people give with figures, people or things in them: what is opened, and what stands in their lines."""
