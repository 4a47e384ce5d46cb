"""Words for people: why a file cannot be read, and what depends on a thing."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from shengce.exchange.reading.limits import Unreadable

_REASONS = {
    "empty": gettext_lazy("The file is empty."),
    "too_large": gettext_lazy("The file is larger than %(most_mb)s MB. Divide it, or save it as CSV."),
    "no_rows": gettext_lazy("No rows of data were found below a heading."),
    "too_many_rows": gettext_lazy("The table has more than %(most)s rows. Divide the file."),
    "too_many_columns": gettext_lazy("The table has more than %(most)s columns."),
    "long_cell": gettext_lazy("A cell in row %(row)s holds more than %(most)s characters."),
    "open_quote": gettext_lazy("A quotation mark that is opened in row %(row)s is never closed."),
    "encoding": gettext_lazy(
        "The characters of this text cannot be read: save the file as “CSV UTF-8” or as .xlsx."
    ),
    "not_a_table": gettext_lazy("This is no table: .xlsx, .xls, .ods, .csv and .tsv can be read."),
    "web_page": gettext_lazy(
        "This is a web page or XML that calls itself a table. Open it in Excel or WPS and save it as .xlsx."
    ),
    "password": gettext_lazy("The workbook is protected by a password: save it without one."),
    "broken_workbook": gettext_lazy("The workbook is damaged. Open it in Excel or WPS and save it anew."),
    "no_sheet": gettext_lazy("The workbook has no sheets."),
    "no_such_sheet": gettext_lazy("The workbook has no sheet “%(sheet)s”."),
    "bomb": gettext_lazy("The workbook unpacks to far more than a table needs, and was not opened."),
    "too_slow": gettext_lazy(
        "Reading took longer than %(limit_s)s seconds. Divide the file, or save it as CSV."
    ),
    "too_much_memory": gettext_lazy("Reading needs too much memory. Divide the file, or save it as CSV."),
}

_THINGS = {
    "customers.Customer": pgettext_lazy("counted", "customers"),
    "customers.Contact": pgettext_lazy("counted", "contacts"),
    "customers.CardField": pgettext_lazy("counted", "values of the card"),
    "customers.Deal": pgettext_lazy("counted", "deals"),
    "customers.PoolMove": pgettext_lazy("counted", "moves of the public pool"),
    "recordings.Conversation": pgettext_lazy("counted", "talks"),
    "recordings.Recording": pgettext_lazy("counted", "recordings"),
    "sales.Order": pgettext_lazy("counted", "orders"),
    "sales.OrderLine": pgettext_lazy("counted", "order lines"),
    "sales.Delivery": pgettext_lazy("counted", "deliveries"),
    "sales.Invoice": pgettext_lazy("counted", "invoices"),
    "sales.Receipt": pgettext_lazy("counted", "receipts"),
    "sales.Allocation": pgettext_lazy("counted", "allocations"),
    "sales.WriteOff": pgettext_lazy("counted", "write-offs"),
    "sales.CreditLine": pgettext_lazy("counted", "credit lines"),
    "sales.PaymentPromise": pgettext_lazy("counted", "promises to pay"),
    "visits.Task": pgettext_lazy("counted", "tasks"),
    "visits.Appointment": pgettext_lazy("counted", "appointments"),
    "visits.Visit": pgettext_lazy("counted", "visits"),
    "visits.Place": pgettext_lazy("counted", "places"),
    "visits.RouteStop": pgettext_lazy("counted", "stops of weekly lines"),
    "visits.AddedStop": pgettext_lazy("counted", "stops that were added to a day"),
    "catalogue.Price": pgettext_lazy("counted", "prices"),
    "catalogue.ProductCost": pgettext_lazy("counted", "unit costs"),
    "channel.Shipment": pgettext_lazy("counted", "lots shipped"),
    "channel.StockReport": pgettext_lazy("counted", "stock reports"),
    "channel.DealerContract": pgettext_lazy("counted", "contracts"),
    "channel.DiversionCase": pgettext_lazy("counted", "diversion cases"),
    "service.Ticket": pgettext_lazy("counted", "tickets"),
}


def reason_of(error: Unreadable) -> str:
    """Why the file cannot be used, in the language of the page."""
    words = _REASONS.get(error.code, _REASONS["not_a_table"])
    return str(words) % error.details


def things(label: str, number: int) -> str:
    """How many of which records; those without a word of their own are “other records”."""
    return _("%(number)d %(things)s") % {
        "number": number,
        "things": _THINGS.get(label) or pgettext("counted", "other records"),
    }
