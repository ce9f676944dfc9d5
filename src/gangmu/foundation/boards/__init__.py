"""Home pages: what an organisation's people see first, made of tiles that other rooms register."""
