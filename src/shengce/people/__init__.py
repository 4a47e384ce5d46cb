"""People: users, the organisation tree, territories, roles, permissions, scope, audit.

Tables: User, Unit, Territory, Posting, AuditEntry. Does not: know customers, recordings or any form.
"""
