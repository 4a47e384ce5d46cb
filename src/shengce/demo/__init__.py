"""Demo: the demonstration company, made by calling the real actions; undoable."""
