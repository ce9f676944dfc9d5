"""Power generation: kinds, attributes, fuels."""
