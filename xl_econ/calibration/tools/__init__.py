"""One reader for each benchmark tool: whether a result is of the tool, and the runs that it holds."""
