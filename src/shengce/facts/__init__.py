"""Facts: what was said, with evidence; people's answers; full-text search; the conversation page.

Tables: Fact, FactReview, SearchDocument. Does not: change forms (that is ``proposals``).
"""
