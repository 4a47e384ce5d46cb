"""People: users, the organisation tree, roles, permissions, scope, audit.

Tables: User, Unit, Posting, AuditEntry. Does not: know customers, recordings or any form.
"""
