"""Who asks: a signed-in person's session, or a key in the header ``Authorization: Bearer …``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, SessionAuth

from shengce.people.models import User
from shengce.people.tokens import token_of


class ApiRequest(HttpRequest):
    """A request that came through the door; ``user`` is who signed in, or in whose name the program asks."""

    user: User


class Key(HttpBearer):
    """A key of a person. A wrong one is refused, also where a session would open the door."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = token_of(token, scope="read")
        if found is None:
            raise AuthenticationError
        request.user = found.user
        return found


class Session(SessionAuth):
    """The session of the pages; what changes something needs the CSRF token too."""


DOORS = [Key(), Session()]
"""Tried in this order."""
