"""The JSON API: what the pages show, for programs. It only reads, and calls the reads of the rooms; docs/api.md.

``/api/openapi.json`` describes it, ``/api/docs`` shows that; both to whoever is signed in.
"""

from __future__ import annotations

from shengce.web.api.addresses import urls

__all__ = ("urls",)
