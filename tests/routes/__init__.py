"""Who may read and send what: one table a room, joined in tests/web/test_outsider.py."""
