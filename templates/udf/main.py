"""xlwings Lite: the functions of xl_econ for this workbook. `requirements.txt` beside this brings the package."""

from xl_econ.functions.xlwings_udfs import *  # noqa: F403
