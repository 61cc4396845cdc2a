"""The workbook: addresses, sheets, the compiled template, filling it and reading it back."""
