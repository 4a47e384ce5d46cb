"""Goods on their way through dealers: prices kept, goods that stray, and how dealers work with us.

Tables: DealerContract, StockReport, Shipment, Sighting, DiversionCase, CaseEntry, PriceCase, Cooperation.
Does not: know orders' money (sales), nor market research (market).
"""
