"""Numbers and dates in, plans out: ageing, allocation of money, credit, repeat purchase, working time, duplicates.

Holds: pure functions over plain values; every rule is an argument with a default that its docstring explains.
Does not: know Django, a database, a clock (today is an argument) or words.
"""
