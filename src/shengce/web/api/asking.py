"""What may be asked: the types of parameters. A wrong value is refused in words; nothing is guessed or left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic_core import core_schema

from shengce.people import asked
from shengce.people.asked import MOST, MOST_PAGES
from shengce.web.api.merged import IN_QUESTION, refuse_merged

MOST_ROWS = 200
"""Rows of one page."""


def _day(value: Any) -> Any:
    """Only ``2026-11-26``: no moment, and no number of seconds."""
    if value is None or isinstance(value, dt.date):
        return value
    found = asked.day(value) if isinstance(value, str) and len(value) == 10 else None
    if found is None:
        raise ValueError(_("Write the day like 2026-11-26, between 2000 and 2100."))
    return found


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError(_("The text holds characters that cannot be stored."))
    return value.strip()


Day = Annotated[dt.date, BeforeValidator(_day)]
Id = Annotated[int, Field(ge=0, le=MOST)]
Words = Annotated[str, Field(max_length=100), AfterValidator(_storable)]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Marks a text that must be one of these, or empty: ``Annotated[str, OneOf(Order.State.values)]``."""

    values: Sequence[str]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(schema), "enum": ["", *self.values]}

    def _checked(self, value: str) -> str:
        if value and value not in self.values:
            raise ValueError(
                _("Choose one of: %(values)s.") % {"values": ", ".join(filter(None, self.values))}
            )
        return value


class Question(Schema):
    """The parameters of one address. One that does not exist is refused: a misspelt filter must not give everything.

    A customer who was merged into another is answered with that one's id.
    """

    @model_validator(mode="after")
    def _nothing_unknown(self, info: ValidationInfo) -> Self:
        request = (info.context or {}).get("request")
        known = {field.alias or name for name, field in type(self).model_fields.items()}
        unknown = sorted(set(request.GET) - known) if request is not None else []
        if unknown:
            raise ValueError(_("There is no parameter “%(name)s”.") % {"name": unknown[0][:60]})
        for name in IN_QUESTION:
            if request is not None and (pk := getattr(self, name, None)):
                refuse_merged(request, pk)
        return self


class Paging(Question):
    """Which page, and how many rows it has."""

    page: Annotated[int, Field(ge=1, le=MOST_PAGES)] = 1
    page_size: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50


class Between(Paging):
    """A page of rows of some days; both days are included."""

    from_: Day | None = Field(None, alias="from", description="First day")
    to: Day | None = Field(None, description="Last day")


def found_id(pk: int) -> int:
    """An id of an address; what no database holds is nobody's."""
    if not 0 < pk <= MOST:
        raise Http404
    return pk
