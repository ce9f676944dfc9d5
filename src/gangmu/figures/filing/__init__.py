"""Facts: their revisions, batches and imports."""
