"""From a file of somebody else's making to rows of cells, in a child process. Knows no Django.

``guard`` is the parent's side; in the child ``child`` reads with ``delimited`` or ``workbook`` and ``laying_out`` finds the
heading. What comes back is a file of JSON lines, one a row: ``[row number in the file, [cells]]``; a cell is text, a
number, true/false, ``null`` where empty, or ``{"at": ISO}`` for a day or a moment.
"""
