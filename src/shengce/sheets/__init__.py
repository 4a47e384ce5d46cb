"""Sheets: the papers. First the daily sales report, each line with its source.

Tables: Paper, Line.
"""
