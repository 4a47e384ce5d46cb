"""The market development plan, and the money for it: who does what, where, when, by which means, at what cost, for which result.

Tables: Activity, Budget, BudgetLine, Measure, Expense.
Does not: know what was sold (attainment), set targets: a measure names the target that it serves.
"""
