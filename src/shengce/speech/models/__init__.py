"""Speech models on this machine: the catalogue, the card beside each model, getting, checking and removing them.

Does not: decide which model is in force (the caller's setting ``SHENGCE_MODEL``) or load one (``speech.engines``).
"""
