"""People: users, the organisation tree, territories, roles, permissions, scope, audit, the days on which the firm works.

Tables: User, Unit, Territory, Posting, CalendarDay, ApiToken, AuditEntry. Does not: know customers, recordings or any form.
"""
