"""The frame of every page: navigation by role, theme, and what waits for the person."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.people.models import Role
from shengce.people.permissions import may


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation: in which group of :data:`GROUPS`; shown where the permission is held.

    It is marked on the pages below ``prefix``, and below ``also``: pages that belong to it, but live in another room.
    """

    group: str
    permission: str
    view: str
    icon: str
    label: str | Promise
    prefix: str
    also: str = ""


GROUPS: tuple[tuple[str, str | Promise], ...] = (
    ("today", pgettext_lazy("navigation", "Today")),
    ("customers", _("Customers and service")),
    ("money", _("Orders and money")),
    ("channel", _("Goods and channel")),
    ("plan", _("Goals and plans")),
    ("rules", _("People and rules")),
)
"""The headings in the order in which they stand; one without an entry for the person is not shown."""

ENTRIES: tuple[Entry, ...] = (
    Entry("today", "reports.write", "web:my_day", "sun", _("My day"), "/my-day"),
    Entry("today", "routes.see", "visits:routes", "route", _("Routes"), "/visits/routes"),
    Entry(
        "today",
        "appointments.see",
        "visits:appointments",
        "calendar-check",
        _("Appointments"),
        "/visits/appointments",
    ),
    Entry("today", "tasks.see", "visits:tasks", "list-todo", _("Tasks"), "/visits/tasks"),
    Entry("today", "cockpit.see", "web:cockpit", "gauge", _("Team cockpit"), "/cockpit"),
    Entry("today", "conversations.see", "web:conversations", "messages-square", _("Talks"), "/conversations"),
    Entry("today", "conversations.see", "web:search", "search", _("Search"), "/search"),
    Entry("today", "recordings.upload", "recordings:list", "audio-lines", _("Recordings"), "/recordings"),
    Entry("today", "reports.see", "sheets:list", "clipboard-list", _("Papers"), "/reports"),
    Entry("today", "claims.see", "claims:checks", "message-square-diff", _("Typed and said"), "/claims"),
    Entry("customers", "customers.see", "customers:list", "building-2", _("Customers"), "/customers"),
    Entry("customers", "deals.edit", "customers:deals", "handshake", _("Deals"), "/customers/deals"),
    Entry("customers", "customers.see", "web:loyalty", "repeat", _("Loyalty"), "/loyalty"),
    Entry(
        "customers",
        "tickets.see",
        "service:queue",
        "life-buoy",
        pgettext_lazy("after-sales", "Service"),
        "/service",
    ),
    Entry("money", "orders.see", "sales:orders", "shopping-cart", _("Orders"), "/sales/orders"),
    Entry("money", "money.see", "web:receivables", "wallet", _("Receivables"), "/sales/money"),
    Entry("channel", "channel.see", "channel:dealers", "store", _("Dealers"), "/channel/dealers"),
    Entry("channel", "channel.see", "channel:cases", "folder-search", _("Diversion"), "/channel/diversion"),
    Entry("channel", "catalogue.see", "catalogue:list", "package", _("Products"), "/catalogue"),
    Entry(
        "plan", "targets.see", "targets:list", "target", _("Targets"), "/targets", also="/exchange/targets"
    ),
    Entry(
        "plan",
        "targets.see",
        "attainment:comparison",
        "trending-up",
        _("Plan against actual"),
        "/attainment",
    ),
    Entry("plan", "quotas.see", "visits:quotas", "goal", _("Development quotas"), "/visits/quotas"),
    Entry("plan", "plans.see", "plans:plan", "flag", _("Market development"), "/plans"),
    Entry("rules", "score_cards.see", "inspection:cards", "list-checks", _("Score cards"), "/inspection"),
    Entry(
        "rules",
        "customers.rules",
        "customers:rules",
        "sliders-horizontal",
        _("Pool rules and cards"),
        "/customers/rules",
    ),
    Entry("rules", "papers.rules", "sheets:templates", "file-cog", _("Kinds of paper"), "/reports/kinds"),
    Entry("rules", "exchange.use", "exchange:home", "arrow-left-right", _("Import and export"), "/exchange"),
    Entry("rules", "people.see", "people:list", "users", _("People"), "/people"),
    Entry("rules", "territories.edit", "people:territories", "map", _("Territories"), "/people/territories"),
    Entry(
        "rules", "calendar.edit", "people:calendar", "calendar-days", _("Working days"), "/people/calendar"
    ),
    Entry("rules", "health.see", "web:health", "activity", _("Health"), "/health"),
)

BARS: dict[str, tuple[str, ...]] = {
    Role.REP: ("web:my_day", "customers:list", "recordings:list", "sheets:list"),
    Role.MANAGER: ("web:cockpit", "customers:list", "web:receivables", "sheets:list"),
    Role.EXECUTIVE: ("web:cockpit", "web:receivables", "customers:list", "channel:cases"),
    Role.CUSTOMER_DEPARTMENT: ("service:queue", "web:receivables", "sales:orders", "customers:list"),
    Role.INSPECTOR: ("web:conversations", "web:search", "inspection:cards", "sheets:list"),
    Role.MARKETING: ("catalogue:list", "channel:dealers", "channel:cases", "exchange:home"),
    Role.ADMINISTRATOR: ("recordings:list", "people:list", "web:health", "exchange:home"),
}
"""What a phone shows at its foot: the four that the role uses most; a role without a line gets its first four."""

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
    "auto": ("light", "sun-moon", _("Automatic")),
    "light": ("dark", "sun", _("Light")),
    "dark": ("auto", "moon", _("Dark")),
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
        "navigation": SimpleLazyObject(lambda: _groups(request)),
        "bar": SimpleLazyObject(lambda: _bar(request)),
    }


MOST_AT_ONCE = 12
"""So many entries are read without folding groups away."""

KEPT_OPEN = "nav"
"""Cookie of nav.js: the groups that the person keeps open, like ``today.money``."""


def _shown(request: HttpRequest) -> list[tuple[Entry, dict[str, object]]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    here = _here(request.path)
    return [
        (
            entry,
            {
                "url": reverse(entry.view),
                "icon": entry.icon,
                "label": entry.label,
                "current": entry is here,
            },
        )
        for entry in ENTRIES
        if may(user, entry.permission)
    ]


def _here(path: str) -> Entry | None:
    """The entry to which a page belongs: the one with the longest beginning of its address."""
    beginnings = {
        beginning: entry
        for entry in ENTRIES
        for beginning in (entry.prefix, entry.also)
        if beginning and path.startswith(beginning)
    }
    return beginnings[max(beginnings, key=len)] if beginnings else None


def _groups(request: HttpRequest) -> list[dict[str, object]]:
    """``[{"key", "label", "open", "entries": […]}]``: open where one is, and what the person keeps open."""
    shown = _shown(request)
    kept = request.COOKIES.get(KEPT_OPEN, "today").split(".")
    groups: list[dict[str, object]] = []
    for key, label in GROUPS:
        if entries := [line for entry, line in shown if entry.group == key]:
            is_open = len(shown) <= MOST_AT_ONCE or key in kept or any(line["current"] for line in entries)
            groups.append({"key": key, "label": label, "open": is_open, "entries": entries})
    return groups


def _bar(request: HttpRequest) -> list[dict[str, object]]:
    by_view = {entry.view: line for entry, line in _shown(request)}
    wanted = BARS.get(getattr(request.user, "role", ""), tuple(by_view)[:4])
    return [by_view[view] for view in wanted if view in by_view]


def home_of(user: object) -> str:
    """The address a person starts at: where the role's work is, else the first entry of the navigation."""
    if view := HOMES.get(getattr(user, "role", "")):
        return reverse(view)
    for entry in ENTRIES:
        if may(user, entry.permission):  # type: ignore[arg-type]
            return reverse(entry.view)
    return reverse("web:welcome")
