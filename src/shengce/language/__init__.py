"""Transcript in, facts out.

Holds: normalisation of spoken times, amounts and phones; lexicon; phrase matching; extractors; inspection
criteria; measures; summary; the scorers of all of these.
Does not: know Django, a database, a clock (the moment of the talk is an argument) or sound.
"""
