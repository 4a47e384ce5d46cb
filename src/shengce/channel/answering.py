"""What the views of this room share: actions whose reasons stand beside their fields, and lists as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone

from shengce.people.asked import page_number, words
from shengce.people.table_files import FORMATS, table_response


def carried_out(form: forms.Form, action: Callable[[], object]) -> Any:
    """The action's result where form and action went through; else nothing, with the reasons beside their fields."""
    if not form.is_valid():
        return None
    try:
        return action() or True
    except ValidationError as problem:
        if hasattr(problem, "error_dict"):
            for field, reasons in problem.message_dict.items():
                form.add_error(field if field in form.fields else None, reasons)
        else:
            form.add_error(None, problem.messages)
        return None


def reasons_of(form: forms.Form) -> str:
    """Why a form was not taken, in one line for a message."""
    return " ".join(str(reason) for reasons in form.errors.values() for reason in reasons)


def wanted_file(asked: QueryDict) -> str:
    """``csv`` or ``xlsx`` where the list is wanted as a file."""
    file_format = asked.get("as", "")
    return file_format if file_format in FORMATS else ""


def as_file(
    name: str, file_format: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    titles = [str(column) for column in columns]
    return table_response(rows, titles, name=f"{name}-{timezone.localdate()}", file_format=file_format)


def text_of(asked: QueryDict) -> str:
    return words(asked.get("q"), most=100)


def number_of(asked: QueryDict) -> int:
    return page_number(asked.get("page"))
