"""How people and programs come in: sites, API root, command line."""
