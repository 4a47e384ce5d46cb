"""A second reader: what a linear model, trained on labelled talks, makes of every clause.

The extractors are rules and hold what can be said for certain; people word the same thing in endless ways. The model
weighs what the rules found together with the words of the clause and around it, drops what it finds unlikely and adds
what it is sure of. It is numpy and one table of weights: no library of its own, a few milliseconds a talk, and the
same code learns again from a firm's own answers.
"""
