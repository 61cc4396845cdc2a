"""Functions: the model as functions with arguments, for Excel (LAMBDA names, xlwings) and for Python."""
