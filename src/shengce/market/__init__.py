"""Market: the register of market signals.

Tables: Signal.
"""
