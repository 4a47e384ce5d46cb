"""Proposals: changes to forms that facts suggest, and the one place where a yes is carried out.

Stands above the forms' rooms because accepting a proposal calls their actions. Tables: Proposal.
"""
