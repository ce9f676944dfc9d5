"""What tests of the whole product need: a database of their own in moments, users, worlds."""
