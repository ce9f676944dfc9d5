"""An independent reading of the contract of `gangmu load` and `gangmu query`.

Nothing in here but `adapter` knows the product, and the reading itself uses the standard library alone: decimals,
fractions and loops over days. It is slow, plain and meant to be obviously right; the product's cube is proved by
giving the same answers. README.md lists where the contract leaves room and how it is read here.
"""
