"""Catalogue: products, product lines, competitors and the words for them (the lexicon).

Tables: ProductLine, Product, Competitor, PriceTier, Price, ProductCost, DiscountAuthority. Does not: know who buys or what was said.
"""
