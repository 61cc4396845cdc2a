"""Method: which of the article's shortcuts are corrected (1) or left as they were (0)."""

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ARTICLE


@derived("1", "Caches only the LLM's own KV heads", source=ARTICLE)
def corrects_kv_heads(method_code, kv_heads_by_code):
    """0: every attention head is cached in every layer, as the article does."""
    return choose(kv_heads_by_code, choose(method_code, 0, 1), 0, 1)


@derived("1", "Serves many sequences at once", source=ARTICLE)
def corrects_batching(method_code, batching_by_code):
    """0: one sequence at a time, as the article does."""
    return choose(batching_by_code, choose(method_code, 0, 1), 0, 1)


@derived("1", "Counts achievable efficiency, overhead and communication", source=ARTICLE)
def corrects_efficiency(method_code, efficiency_by_code):
    """0: full peak and bandwidth, weights and linear work only, as the article does."""
    return choose(efficiency_by_code, choose(method_code, 0, 1), 0, 1)
