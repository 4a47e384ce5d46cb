"""What people did to a customer or a deal, in words: audit rows of this room."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shengce.customers.models import Deal
from shengce.people.models import AuditEntry


def words_of(entry: AuditEntry) -> str:
    """The audit row in words; an action of another room is empty."""
    details: dict[str, Any] = entry.details
    words = {
        "customer.created": _("Customer added"),
        "customer.updated": _("Head of the card changed"),
        "customer.contact_added": _("Contact added: %(name)s"),
        "customer.contact_updated": _("Contact changed: %(name)s"),
        "customer.contact_removed": _("Contact removed: %(name)s"),
        "customer.handed_over": _("Handed over to another rep"),
        "customer.released": _("Went to the public pool"),
        "customer.taken": _("Taken out of the public pool"),
        "customer.merged": _("Merged with %(name)s"),
        "customer.merge_undone": _("Merge with %(name)s undone"),
        "customer.told_apart": _("Not the same as %(name)s"),
        "customer.card_field_set": _("Card: %(value)s"),
        "customer.card_field_withdrawn": _("Taken back: %(value)s"),
        "customer.monthly_card_drafted": _("Monthly card drafted: %(month)s"),
        "customer.win_back_asked": _("Asked to win the customer back"),
        "deal.created": _("Deal made: %(name)s"),
        "deal.updated": _("Deal changed: %(name)s"),
        "deal.moved": _("%(name)s: from %(old)s to %(new)s"),
        "deal.lost": _("%(name)s lost: %(reason)s"),
        "deal.handed_over": _("Deal handed over: %(name)s"),
        "deal.withdrawn": _("Deal removed: %(name)s"),
    }.get(entry.action, "")
    stages = {stage.value: str(stage.label) for stage in Deal.Stage}
    parts = {key: details.get(key, "") for key in ("name", "value", "reason", "month")}
    if isinstance(shown := details.get("shown"), dict):  # a choice: its label in both languages
        parts["value"] = shown.get("en" if (get_language() or "").startswith("en") else "zh", parts["value"])
    parts |= {key: stages.get(str(details.get(key, "")), details.get(key, "")) for key in ("old", "new")}
    return words % parts
