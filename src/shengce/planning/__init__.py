"""Numbers and dates in, plans out: periods, rollups, trends.

Does not: know Django, a database or a clock.
"""
