"""Pages of roles, assignments, menus and reviews."""
