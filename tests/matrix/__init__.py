"""Every table, address and API operation, tried by people who must not see the rows behind it."""
