"""Where formulas come from, as ids of the catalog's sources."""

DEFINITION = "definition"
ARTICLE = "article-economics-of-llm-serving"
ROOFLINE = "serving-closed-forms"
KV_FACTS = "llm-architectures"
ALLREDUCE = "ring-allreduce"
ACCOUNTING = "cost-accounting"
CALIBRATION = "calibration"
SPECULATION = "speculative-decoding-2023"
QUEUE = "birth-death-queue"
POOL_QUEUE = "several-servers-queue"
CAPITAL_RECOVERY = "capital-recovery"
FINANCE = "corporate-finance"
PURE_INVESTMENT = "pure-investment-1965"

ALL = (
    DEFINITION,
    ARTICLE,
    ROOFLINE,
    KV_FACTS,
    ALLREDUCE,
    ACCOUNTING,
    CALIBRATION,
    SPECULATION,
    QUEUE,
    POOL_QUEUE,
    CAPITAL_RECOVERY,
    FINANCE,
    PURE_INVESTMENT,
)
