"""Attainment: plan against actual along every dimension, where it will end, whether a target is sound, and the talk behind a gap.

Tables: DayActual, RepDayActual, MonthActual, CustomerMonthActual, CountedDay, Counting: sums of records, always made anew from them.
Does not: set targets (targets), own orders, receipts or talks, nor draw pages (web.pages.attainment, because of the charts).
"""
