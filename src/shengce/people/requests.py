"""The request of somebody who has signed in: what every view behind the door receives."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from shengce.people.models import User


class SignedInRequest(HttpRequest):
    """``LoginRequiredMiddleware`` lets nobody else through; ``htmx`` is truthy for a partial refresh."""

    user: User
    htmx: HtmxDetails
