"""Intake: THE MAIN PATH, an ordered tuple of steps from a new recording to proposals, and the worker that walks it.

Owns no table: the state of the job is the recording's row.
"""
