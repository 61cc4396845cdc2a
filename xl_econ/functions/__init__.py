"""Functions: the model as functions with arguments, for Python and as LAMBDA names for Excel."""
