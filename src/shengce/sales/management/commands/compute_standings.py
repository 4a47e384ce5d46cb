"""``shengce django compute_standings``: how every customer buys, from the orders until today; once a night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shengce.sales.loyalty import compute_standings


class Command(BaseCommand):
    """Prints how many customers were computed; a second run on the same day writes the same."""

    help = "Work out activity, class, scores and forecast of every customer from the confirmed orders."

    def handle(self, *args: Any, **options: Any) -> None:
        run = compute_standings(today=timezone.localdate())
        self.stdout.write(f"{run.customers} customers computed")
