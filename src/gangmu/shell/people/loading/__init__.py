"""People and posts from a file (xlsx, csv): read, compared with what is recorded, taken over."""
