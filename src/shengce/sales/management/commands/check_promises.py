"""``shengce django check_promises``: judge the promises to pay by the receipts, once a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shengce.sales.actions import check_promises


class Command(BaseCommand):
    """Prints how many promises changed; a second run on the same day changes none."""

    help = "Judge promises to pay by the receipts that came in: kept, late, partly kept, broken."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{check_promises(today=timezone.localdate())} promises changed")
