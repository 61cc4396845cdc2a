"""Constants and conversions, and the states that a result can have. Names and units, no values."""

from __future__ import annotations

from xl_econ.model.declare import Section

NO_PRICE = "no price in the catalog"
NO_POWER = "no rated power in the catalog"
NO_SALE = "no rent in the catalog, or no hour sold"

constants = Section(__name__, "Constants and conversions")
constants.constant("flop_per_param_token", "FLOP/param/token", "Multiply and add per parameter and token")
constants.constant("flop_per_score_channel", "FLOP/token^2", "Multiply and add per pair of tokens and channel")
constants.constant("one_token", "token", "One token")
constants.constant("one_s", "s", "One second")
constants.constant("one_year", "year", "One year")
constants.constant("flop_per_gflop", "FLOP/GFLOP", "FLOP in a GFLOP")
constants.constant("bytes_per_gb", "B/GB", "Bytes in a gigabyte")
constants.constant("bytes_per_mb", "B/MB", "Bytes in a megabyte")
constants.constant("mb_per_gb", "MB/GB", "Megabytes in a gigabyte")
constants.constant("ms_per_s", "ms/s", "Milliseconds in a second")
constants.constant("us_per_ms", "us/ms", "Microseconds in a millisecond")
constants.constant("s_per_h", "s/h", "Seconds in an hour")
constants.constant("h_per_day", "h/day", "Hours in a day")
constants.constant("days_per_year", "day/year", "Days in a year")
constants.constant("months_per_year", "month/year", "Months in a year")
constants.constant("tokens_per_mtoken", "token/Mtoken", "Tokens in a million tokens")
constants.constant("tokens_per_ktoken", "token/Ktoken", "Tokens in a thousand tokens")
constants.constant("requests_per_krequest", "request/Krequest", "Requests in a thousand requests")
constants.constant("cents_per_usd", "cent/USD", "Cents in a dollar")
constants.constant("w_per_kw", "W/kW", "Watts in a kilowatt")
constants.constant("kw_per_mw", "kW/MW", "Kilowatts in a megawatt")
constants.constant("usd_rate", "currency/USD", "Rate of the dollar in dollars")
constants.constant("slack", "1", "What counts as on a limit or a whole number", "For the last of 15 digits")
constants.constant("limit_tolerance", "1", "Tolerance of limits on latency, relative", "The best point is interpolated")
constants.constant("queue_reach", "1", "Standard deviations of the states that are looked at closely, on each side")
constants.constant("late_share", "1", "Share of requests that exceed a 95th percentile")
constants.constant("check_tolerance", "1", "Tolerance of checks, relative")
constants.options(
    "state",
    "State of a result",
    "valid",
    "does not fit in memory",
    "no concurrency meets the limits",
    NO_PRICE,
    "saturated: more requests arrive than a replica ends",
    "not computed with this method",
    NO_POWER,
    "the API is cheaper at any volume",
    "self-hosting is cheaper from the first token on",
    "the API is cheaper at large volumes",
)
