"""Functions: the model as functions with arguments, for Python and for the cells of any spreadsheet."""
