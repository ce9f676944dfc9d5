"""The clock, the data folder, the database's home, and what every model must declare."""
