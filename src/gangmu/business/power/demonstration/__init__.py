"""The demonstration: a group of real plants that does not exist, with figures that are made."""
