"""What the five documents describe: mostly content, little code."""
