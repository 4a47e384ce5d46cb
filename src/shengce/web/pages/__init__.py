"""Pages that read from many rooms: one file a page. HTTP only; what they show comes from queries."""
