"""Wiring only: settings, addresses, WSGI, the command line. No rule of the business lives here."""
