"""One file per kind of fact: the rule that finds it, and the test of whether two values say the same."""
