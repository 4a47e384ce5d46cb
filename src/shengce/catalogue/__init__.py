"""Catalogue: products, product lines, competitors and the words for them (the lexicon).

Tables: ProductLine, Product, Competitor. Does not: know who buys or what was said.
"""
