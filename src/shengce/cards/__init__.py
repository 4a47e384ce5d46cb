"""Monthly review cards: what a month looked like with a customer, drafted from the records, each value with what is behind it.

Tables: MonthlyRun. The values themselves are fields of the customer's card (``customers``). Does not: overwrite what a person
wrote.
"""
