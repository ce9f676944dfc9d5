"""Governance of the industry network. For now its norm: who has which duties, article by article."""
