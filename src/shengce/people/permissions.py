"""Who may do what. A table that one can read: permission → roles. Whose records: :mod:`people.scope`."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from shengce.people.models import Role, User

_SELLERS = (Role.REP, Role.MANAGER)
_LEADERS = (Role.MANAGER, Role.EXECUTIVE)

PERMISSIONS: dict[str, tuple[Role, ...]] = {
    "recordings.upload": (*_SELLERS, Role.ADMINISTRATOR),
    "recordings.retry": (*_SELLERS, Role.ADMINISTRATOR),
    "recordings.see_all": (Role.INSPECTOR, Role.EXECUTIVE, Role.ADMINISTRATOR),
    "conversations.see": (*_SELLERS, Role.EXECUTIVE, Role.INSPECTOR, Role.CUSTOMER_DEPARTMENT),
    "conversations.correct": (*_SELLERS, Role.INSPECTOR),
    "facts.decide": (*_SELLERS, Role.INSPECTOR),
    "proposals.decide": _SELLERS,
    "tasks.edit": (*_SELLERS, Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT),  # whose: visits.actions
    "tasks.see": (*_SELLERS, Role.EXECUTIVE),
    "routes.see": (*_SELLERS, Role.EXECUTIVE),
    "routes.edit": _SELLERS,
    "places.edit": (*_SELLERS, Role.CUSTOMER_DEPARTMENT),
    "visits.see": (*_SELLERS, Role.EXECUTIVE),
    "visits.edit": _SELLERS,
    "visits.rules": (Role.EXECUTIVE, Role.ADMINISTRATOR),
    "appointments.see": (*_SELLERS, Role.EXECUTIVE, Role.APPOINTMENT_SPECIALIST),
    "appointments.edit": (*_SELLERS, Role.APPOINTMENT_SPECIALIST),
    "quotas.see": (*_SELLERS, Role.EXECUTIVE),
    "quotas.edit": (*_LEADERS, Role.ADMINISTRATOR),
    "promises.note": (*_SELLERS, Role.CUSTOMER_DEPARTMENT),
    "signals.note": (*_SELLERS, Role.MARKETING),
    "customers.see": (*_SELLERS, Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT),
    "customers.edit": (*_SELLERS, Role.CUSTOMER_DEPARTMENT),
    "customers.merge": (Role.MANAGER, Role.CUSTOMER_DEPARTMENT),
    "customers.rules": (Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT, Role.ADMINISTRATOR),  # card templates, pool
    "pool.see": _SELLERS,
    "deals.edit": _SELLERS,
    "orders.see": (*_SELLERS, Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT),
    "orders.edit": (*_SELLERS, Role.CUSTOMER_DEPARTMENT),
    "orders.approve": (*_LEADERS, Role.CUSTOMER_DEPARTMENT),
    "money.see": (*_SELLERS, Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT),
    "money.edit": (Role.CUSTOMER_DEPARTMENT,),  # invoices, receipts, allocation, dunning, statements
    "money.write_off": (Role.EXECUTIVE,),
    "credit.edit": (Role.CUSTOMER_DEPARTMENT, Role.EXECUTIVE),
    "channel.see": (*_SELLERS, Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT, Role.MARKETING),
    "channel.report": (*_SELLERS, Role.MARKETING),
    "channel.edit": (*_LEADERS, Role.CUSTOMER_DEPARTMENT),  # contracts, cases, stock
    "channel.decide": _LEADERS,
    "prices.edit": (Role.MARKETING, Role.EXECUTIVE),
    "tickets.see": (*_SELLERS, Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT),
    "tickets.edit": (*_SELLERS, Role.CUSTOMER_DEPARTMENT),
    "tickets.rules": (Role.CUSTOMER_DEPARTMENT, Role.EXECUTIVE),
    "exchange.use": (*_SELLERS, Role.CUSTOMER_DEPARTMENT, Role.MARKETING, Role.EXECUTIVE, Role.ADMINISTRATOR),
    "calendar.see": tuple(Role),
    "calendar.edit": (Role.ADMINISTRATOR, Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT),
    "territories.edit": (Role.EXECUTIVE, Role.MARKETING, Role.ADMINISTRATOR),
    "targets.see": (*_SELLERS, Role.EXECUTIVE, Role.MARKETING),
    "targets.edit": _LEADERS,  # figures of the own subtree
    "targets.approve": (Role.EXECUTIVE,),  # new sets, approval, metrics, adjustments
    "targets.propose": (Role.REP,),
    "plans.see": (*_SELLERS, Role.EXECUTIVE, Role.MARKETING),
    "plans.edit": (*_LEADERS, Role.MARKETING),
    "plans.do": (
        *_SELLERS,
        Role.EXECUTIVE,
        Role.MARKETING,
    ),  # begin and end what is one's own, or one's people's
    "budgets.see": (*_LEADERS, Role.MARKETING),
    "budgets.edit": (Role.EXECUTIVE,),
    "budgets.spend": (*_SELLERS, Role.EXECUTIVE, Role.MARKETING),
    "budgets.approve": _LEADERS,
    "absences.see": (*_SELLERS, Role.EXECUTIVE, Role.MARKETING),  # one's own; leaders: those of their people
    "absences.confirm": _LEADERS,
    "reports.see": (*_SELLERS, Role.EXECUTIVE, Role.INSPECTOR, Role.MARKETING),
    "reports.write": (Role.REP,),  # my day, and the daily report in it
    "papers.write": (*_SELLERS, Role.MARKETING),
    "papers.rules": (Role.ADMINISTRATOR, Role.EXECUTIVE),
    "reports.review": _LEADERS,
    "claims.see": (*_SELLERS, Role.EXECUTIVE),  # typed beside what was said
    "claims.answer": _LEADERS,
    "cockpit.see": _LEADERS,
    "costs.see": (Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT),  # and gross profit, which tells them
    "costs.edit": (Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT),
    "catalogue.see": (
        *_SELLERS,
        Role.EXECUTIVE,
        Role.INSPECTOR,
        Role.MARKETING,
        Role.CUSTOMER_DEPARTMENT,
        Role.ADMINISTRATOR,
    ),
    "catalogue.edit": (Role.MARKETING, Role.EXECUTIVE, Role.ADMINISTRATOR),
    "score_cards.see": (*_LEADERS, Role.INSPECTOR, Role.REP),
    "score_cards.edit": (Role.INSPECTOR, Role.EXECUTIVE),
    "people.see": (*_LEADERS, Role.ADMINISTRATOR),
    "people.edit": (Role.ADMINISTRATOR,),
    "health.see": (Role.ADMINISTRATOR, Role.EXECUTIVE),
}


def may(user: User, permission: str) -> bool:
    """Whether this person's role carries the permission. An unknown permission is a mistake in the program."""
    return bool(user.is_active) and user.role in PERMISSIONS[permission]


def require(user: User, permission: str) -> None:
    """Raise ``PermissionDenied`` with words a person can read."""
    if not may(user, permission):
        raise PermissionDenied(_("Your role does not allow this."))
