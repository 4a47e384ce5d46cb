"""Scorers: how well each part of this room does on labelled texts."""
