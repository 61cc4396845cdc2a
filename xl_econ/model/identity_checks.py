"""Checks of what must hold whatever the inputs are: the costs, computed once more, move as they should."""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.plan_checks import apart
from xl_econ.model.sources import ACCOUNTING


@derived("1", "Half the utilisation doubles what is fixed of a token's cost", source=ACCOUNTING)
def check_half_utilisation(
    half_usd_per_m_tokens,
    usd_per_m_tokens,
    bill_from_code,
    egress_usd_per_h,
    served_input_m_tokens_per_h,
    served_output_m_tokens_per_h,
    check_tolerance,
):
    """Egress comes with each token, and stays; an own bill is fixed, all of it."""
    moving = choose(bill_from_code, egress_usd_per_h / (served_input_m_tokens_per_h + served_output_m_tokens_per_h), 0)
    return apart(half_usd_per_m_tokens + moving, 2 * usd_per_m_tokens, usd_per_m_tokens, check_tolerance)


@derived("1", "Twice all prices double all costs of a month, own and hosted", source=ACCOUNTING)
def check_twice_all_prices(
    twice_usd_per_month, usd_per_month, twice_hosted_usd_per_month, hosted_usd_per_month, check_tolerance
):
    own = np.abs(twice_usd_per_month - 2 * usd_per_month)
    hosted = np.abs(twice_hosted_usd_per_month - 2 * hosted_usd_per_month)
    return apart(own + hosted, 0, usd_per_month + hosted_usd_per_month, check_tolerance)
