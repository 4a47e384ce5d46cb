"""The field of a day, for every form of the house."""

from __future__ import annotations

from django import forms


class DayInput(forms.DateInput):
    """The browser's own, which understands one way of writing a day, whatever the reader's language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")
