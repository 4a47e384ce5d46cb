"""Inspection: score cards, scores with the passages that gave them, alerts.

Tables: ScoreCard, ScoreCardVersion, Score, Outcome, Alert. Does not: decide how a criterion matches (``language``).
"""
