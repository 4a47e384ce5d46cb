"""Tables in and out: Excel and CSV files become rows of other rooms through their actions, and rows become files.

Tables: ImportJob, ImportedRow, ColumnMatching.
Does not: know what a row means: each kind (``kinds.py``) names its columns and the action that makes a row.
"""
