"""Claims: what people typed beside what was said, and what their managers made of it.

Tables: ClaimCheck. Reads typed values of cards, lost deals, promises to pay and (handed in as plain values) lines of papers.
Does not: decide who is right, change a form, or reach pay. The comparison itself is ``language.claim_check``.
"""
