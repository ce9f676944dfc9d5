"""The read model that answers for figures."""
