"""Results: daily figures per rep, for cockpit and trends.

Tables: RepDay, CountedTalk.
"""
