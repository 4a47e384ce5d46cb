"""Inspection criteria as data: what they are, how they are written, whether a talk meets them.

``conditions`` holds the values, ``form`` their documented YAML/JSON form, ``evaluation`` the judging.
"""

from shengce.language.criteria.conditions import (
    Combined,
    Condition,
    Measured,
    Near,
    NotSaid,
    Order,
    Said,
    Wording,
)
from shengce.language.criteria.evaluation import CompiledConditions, Evidence, Verdict
from shengce.language.criteria.form import CardError, condition_from_data, condition_to_data

__all__ = [
    "CardError",
    "Combined",
    "CompiledConditions",
    "Condition",
    "Evidence",
    "Measured",
    "Near",
    "NotSaid",
    "Order",
    "Said",
    "Verdict",
    "Wording",
    "condition_from_data",
    "condition_to_data",
]
