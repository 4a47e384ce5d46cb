"""Customers: firms, contacts, cards with the source of each value, deals, owners and the public pool, duplicates.

Tables: Customer, Contact, CardField, CardTemplate, Deal, PoolRule, PoolMove, Merge, SuspectedPair, NotDuplicates. Does not: know
facts; evidence reaches a card or a deal as a plain value.
"""
