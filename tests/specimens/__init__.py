"""Workbooks as they come back from people: ours, with everything in it that people and their Excel add."""
