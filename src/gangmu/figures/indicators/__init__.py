"""What is counted, in which unit, and how it adds up."""
