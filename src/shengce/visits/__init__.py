"""Visits: weekly lines, being at a customer, appointments, tasks, development quotas.

Tables: Task, Appointment, Place, VisitRule, RouteBase, Route, RouteStop, Visit, Quota.
Does not: know the solver (``planning``), nor store which talk proves a visit: it asks for it.
"""
