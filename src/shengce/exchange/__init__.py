"""Tables in and out: Excel and CSV files become customers, orders, receipts …, and lists become files.

Tables: ``ImportJob``, ``ImportedRow``, ``ImportFault``, ``ColumnMatching``. What can be imported is said in ``kinds.py``; every row
goes through the action of the room that owns it. A file that came from outside is read in a child process
(``reading``). Does not: decide what a valid customer or order is.
"""
