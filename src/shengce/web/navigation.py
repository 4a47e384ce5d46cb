"""The frame of every page: navigation by role, theme, and what waits for the person."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy, pgettext_lazy

from shengce.people.models import Role
from shengce.people.permissions import may


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation; shown where the permission is held."""

    permission: str
    view: str
    icon: str
    label: str | Promise
    prefix: str


ENTRIES: tuple[Entry, ...] = (
    Entry("reports.write", "web:my_day", "sun", gettext_lazy("My day"), "/my-day"),
    Entry("routes.see", "visits:routes", "route", gettext_lazy("Routes"), "/visits/routes"),
    Entry(
        "appointments.see",
        "visits:appointments",
        "calendar-check",
        gettext_lazy("Appointments"),
        "/visits/appointments",
    ),
    Entry("tasks.see", "visits:tasks", "list-todo", gettext_lazy("Tasks"), "/visits/tasks"),
    Entry("quotas.see", "visits:quotas", "target", gettext_lazy("Development quotas"), "/visits/quotas"),
    Entry("cockpit.see", "web:cockpit", "gauge", gettext_lazy("Team cockpit"), "/cockpit"),
    Entry(
        "conversations.see", "web:conversations", "messages-square", gettext_lazy("Talks"), "/conversations"
    ),
    Entry("conversations.see", "web:search", "search", gettext_lazy("Search"), "/search"),
    Entry("customers.see", "customers:list", "building-2", gettext_lazy("Customers"), "/customers"),
    Entry("deals.edit", "customers:deals", "handshake", gettext_lazy("Deals"), "/customers/deals"),
    Entry(
        "customers.rules",
        "customers:rules",
        "sliders-horizontal",
        gettext_lazy("Pool rules and cards"),
        "/customers/rules",
    ),
    Entry("orders.see", "sales:orders", "shopping-cart", gettext_lazy("Orders"), "/sales/orders"),
    Entry("money.see", "web:receivables", "wallet", gettext_lazy("Receivables"), "/sales/money"),
    Entry("customers.see", "web:loyalty", "repeat", gettext_lazy("Loyalty"), "/loyalty"),
    Entry("tickets.see", "service:queue", "life-buoy", pgettext_lazy("after-sales", "Service"), "/service"),
    Entry("channel.see", "channel:dealers", "store", gettext_lazy("Dealers"), "/channel/dealers"),
    Entry("channel.see", "channel:cases", "folder-search", gettext_lazy("Diversion"), "/channel/diversion"),
    Entry("recordings.upload", "recordings:list", "audio-lines", gettext_lazy("Recordings"), "/recordings"),
    Entry("reports.see", "sheets:list", "clipboard-list", gettext_lazy("Daily reports"), "/reports"),
    Entry("score_cards.see", "inspection:cards", "list-checks", gettext_lazy("Score cards"), "/inspection"),
    Entry("catalogue.see", "catalogue:list", "package", gettext_lazy("Products"), "/catalogue"),
    Entry(
        "exchange.use", "exchange:home", "arrow-left-right", gettext_lazy("Import and export"), "/exchange"
    ),
    Entry("people.see", "people:list", "users", gettext_lazy("People"), "/people"),
    Entry(
        "territories.edit", "people:territories", "map", gettext_lazy("Territories"), "/people/territories"
    ),
    Entry("health.see", "web:health", "activity", gettext_lazy("Health"), "/health"),
)

HOMES: dict[str, str] = {
    Role.CUSTOMER_DEPARTMENT: "service:queue",
    Role.MARKETING: "catalogue:list",
    Role.ADMINISTRATOR: "recordings:list",
    Role.EXECUTIVE: "web:cockpit",
    Role.MANAGER: "web:cockpit",
    Role.APPOINTMENT_SPECIALIST: "visits:appointments",
}
"""Where the day of a role begins, if not at its first entry."""

THEMES: dict[str, tuple[str, str, str | Promise]] = {
    # theme now: (what a press changes it to, icon, words)
    "auto": ("light", "sun-moon", gettext_lazy("Automatic")),
    "light": ("dark", "sun", gettext_lazy("Light")),
    "dark": ("auto", "moon", gettext_lazy("Dark")),
}


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor: ``navigation`` (lazy, so that partial answers pay nothing), theme and its switch."""
    theme = request.COOKIES.get("theme", "auto")
    next_theme, icon, label = THEMES.get(theme, THEMES["auto"])
    return {
        "theme": theme if theme in THEMES else "auto",
        "next_theme": next_theme,
        "theme_icon": icon,
        "theme_label": label,
        "navigation": SimpleLazyObject(lambda: _entries(request)),
    }


def _entries(request: HttpRequest) -> list[dict[str, object]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    prefixes = (entry.prefix for entry in ENTRIES if request.path.startswith(entry.prefix))
    here = max(prefixes, key=len, default="")
    return [
        {
            "url": reverse(entry.view),
            "icon": entry.icon,
            "label": entry.label,
            "current": entry.prefix == here,
        }
        for entry in ENTRIES
        if may(user, entry.permission)
    ]


def home_of(user: object) -> str:
    """The address a person starts at: where the role's work is, else the first entry of the navigation."""
    if view := HOMES.get(getattr(user, "role", "")):
        return reverse(view)
    for entry in ENTRIES:
        if may(user, entry.permission):  # type: ignore[arg-type]
            return reverse(entry.view)
    return reverse("web:welcome")
