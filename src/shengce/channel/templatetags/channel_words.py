"""Figures and reasons of this room in words."""

from __future__ import annotations

from django import template

from shengce.channel import wording

register = template.Library()
register.filter("quantity", wording.quantity)
register.filter("reason_words", wording.reason_words)
register.filter("ground_words", wording.ground_words)
