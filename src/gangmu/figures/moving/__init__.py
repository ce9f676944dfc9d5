"""What a change of the tree does to figures: shown before it is made, and refused where it must not be."""
