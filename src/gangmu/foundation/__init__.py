"""Who, when, who may, who agreed. No business word in here; each room may import those before it."""
