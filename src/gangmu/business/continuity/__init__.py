"""IT service continuity. For now its norm: what the guide to continuity management asks for, clause by clause."""
