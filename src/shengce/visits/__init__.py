"""Visits: tasks and appointments; later routes and check-ins.

Tables: Task, Appointment.
"""
