"""The pages of what happened: events and the history of rows."""
