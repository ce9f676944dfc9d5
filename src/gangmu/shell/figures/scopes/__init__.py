"""Pages of statistical scopes 统计口径: the list, one with whom it counts on a day, defining one with a preview."""
