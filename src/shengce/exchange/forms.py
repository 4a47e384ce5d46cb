"""Forms of imports: the file, and which of its columns is what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shengce.exchange.kind import Kind
from shengce.exchange.kinds import importable
from shengce.exchange.models import ImportJob
from shengce.people.models import User

ACCEPTED = ".xlsx,.xls,.xlsb,.ods,.csv,.tsv,.txt"


class FileForm(forms.Form):
    """What comes in, and the file."""

    kind = forms.ChoiceField(label=_("What is in the file"))
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("Excel (.xlsx, .xls), OpenDocument (.ods), CSV or text; at most 50 MB and 200,000 rows."),
        error_messages={"empty": _("The file is empty.")},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.key, kind.label) for kind in importable(user)]  # type: ignore[attr-defined]


class ColumnsForm(forms.Form):
    """A choice of column for each field of the kind."""

    def __init__(self, data: Any = None, *, job: ImportJob, kind: Kind) -> None:
        super().__init__(data, initial=job.matching)
        choices = [("", "–"), *((column, column) for column in job.columns)]
        for field in kind.fields:
            self.fields[field.key] = forms.ChoiceField(label=field.label, choices=choices, required=False)
        self._required = {field.key for field in kind.fields if field.required}

    @property
    def rows(self) -> list[tuple[forms.BoundField, bool]]:
        """Each field with whether it is needed."""
        return [(self[name], name in self._required) for name in self.fields]

    @property
    def matching(self) -> dict[str, str]:
        """``{field: header}`` of what was chosen; call it after ``is_valid``."""
        return {name: header for name, header in self.cleaned_data.items() if header}
