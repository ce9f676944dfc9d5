"""The page shell and the parts that every page is made of."""
