"""Targets: what each is to reach, split down to the leaf, agreed upon, and kept in versions.

Tables: Metric, TargetSet, TargetVersion, TargetRow, TargetEdit, QualitativeTarget, Negotiation, NegotiationStep, StepEvidence.
Does not: compare with what was reached (that is attainment), nor know reports and papers.
"""
