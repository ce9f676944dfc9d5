"""The product as an attacker meets it: behind its proxy, flooded, and asked what nobody would ask."""
