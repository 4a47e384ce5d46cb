"""Customers: firms, contacts, and card fields with their source.

Tables: Customer, Contact, CardField. Does not: know facts; evidence reaches a card as a plain value.
"""
