"""The pages of reports designed in Excel: the reports themselves, and making them."""
