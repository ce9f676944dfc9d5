"""The kinds of tiles that show figures. Each module has what its tiles want and what they make of it."""
