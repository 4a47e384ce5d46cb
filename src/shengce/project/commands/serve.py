"""Placeholder, replaced before release."""
