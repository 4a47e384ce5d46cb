"""Every write of this room, by name: the modules beside this one hold them by idea."""

from shengce.channel.cases import (
    add_note,
    add_sighting,
    ask_statement,
    close_case,
    decide_case,
    name_suspect,
    open_case,
    record_statement,
)
from shengce.channel.contracts import Counted, report_stock, save_contract
from shengce.channel.cooperation import compute_cooperation
from shengce.channel.price_cases import (
    check_price,
    check_prices_of_talk,
    open_price_case,
    settle_price_case,
    withdraw_price_case,
)
from shengce.channel.shipments import record_shipment, withdraw_shipment
from shengce.channel.sightings import note_sighting, withdraw_sighting
from shengce.channel.trainings import save_training, withdraw_training

__all__ = [
    "Counted",
    "add_note",
    "add_sighting",
    "ask_statement",
    "check_price",
    "check_prices_of_talk",
    "close_case",
    "compute_cooperation",
    "decide_case",
    "name_suspect",
    "note_sighting",
    "open_case",
    "open_price_case",
    "record_shipment",
    "record_statement",
    "report_stock",
    "save_contract",
    "save_training",
    "settle_price_case",
    "withdraw_price_case",
    "withdraw_shipment",
    "withdraw_sighting",
    "withdraw_training",
]
