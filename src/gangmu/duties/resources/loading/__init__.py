"""Resources and dependencies from a file (xlsx, csv): read, compared with what is recorded, taken over; exported."""
