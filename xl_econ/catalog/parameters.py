"""Parameters, KV cache and state of an LLM, computed from its architecture.

All counts are exact whole numbers; the catalog checks each total against the published size. Multi-token-prediction
layers and vision towers do not count.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from xl_econ.catalog.blocks import Architecture, Attention, Experts, LatentAttention, Softmax

PARAMS_PER_BPARAM = 10**9
BYTES_PER_MB = 10**6


# --- layers -----------------------------------------------------------------------------------------------


def layers(llm: Architecture) -> float:
    """A layer is a mixer and a feed-forward part; a block that has only one of them is half a layer."""
    return sum(n * ((layer.mixer is not None) + bool(layer.feed_forward)) for n, layer in llm.stack) / 2


def softmax(llm: Architecture, windowed: bool) -> Iterator[tuple[int, Softmax]]:
    """Runs of softmax attention that sees a window or chunk, or all of the context."""
    for n, layer in llm.stack:
        if isinstance(layer.mixer, Softmax) and (layer.mixer.window > 0) == windowed:
            yield n, layer.mixer


def layers_full(llm: Architecture) -> int:
    """Layers whose KV cache grows with the whole context."""
    return sum(n for n, _ in softmax(llm, windowed=False))


def layers_windowed(llm: Architecture) -> int:
    return sum(n for n, _ in softmax(llm, windowed=True))


def layers_sliding(llm: Architecture) -> float:
    """Layers that see a window or a chunk only, in units of a full layer's cached elements.

    The two kinds have the same heads nearly everywhere; in Gemma 4 a sliding layer holds twice as much.
    """
    return sum(n * mixer.kv_elements for n, mixer in softmax(llm, windowed=True)) / kv_elements_per_layer(llm)


def layers_linear(llm: Architecture) -> int:
    """Layers with linear attention or a state-space model."""
    return sum(n for n, layer in llm.stack if layer.mixer is not None and not isinstance(layer.mixer, Softmax))


def moe_runs(llm: Architecture) -> Iterator[tuple[int, Experts]]:
    """Runs of layers with routed experts."""
    for n, layer in llm.stack:
        for part in layer.feed_forward:
            if isinstance(part, Experts):
                yield n, part


def moe_layers(llm: Architecture) -> int:
    return sum(n for n, _ in moe_runs(llm))


# --- parameters -------------------------------------------------------------------------------------------


def head_params(llm: Architecture) -> int:
    """The output head, whether or not it shares its table with the input embedding."""
    return llm.vocabulary * llm.hidden


def embedding_params(llm: Architecture) -> int:
    """All stored embedding tables: one if input and output share it, else two; and the head's bias."""
    return head_params(llm) * (1 if llm.tied else 2) + llm.head_bias * llm.vocabulary


def routed_params(llm: Architecture) -> int:
    """All routed experts of all layers."""
    return sum(n * part.routed_params for n, part in moe_runs(llm))


def norm_params(llm: Architecture) -> int:
    vectors = sum(n * layer.norms for n, layer in llm.stack) + llm.final_norms
    return vectors * llm.hidden * (2 if llm.norm_bias else 1)


def total_params(llm: Architecture) -> int:
    return embedding_params(llm) + norm_params(llm) + sum(n * layer.params for n, layer in llm.stack)


def active_params(llm: Architecture) -> int:
    """Without the routed experts that a token does not use; with all embedding tables."""
    unused = sum(n * (part.experts - part.active) * part.expert_params for n, part in moe_runs(llm))
    return total_params(llm) - unused


# --- KV cache and state -----------------------------------------------------------------------------------


def typical(llm: Architecture) -> list[tuple[int, Softmax]]:
    """The layers whose heads stand for all: those that see the whole context, if there are any."""
    return list(softmax(llm, windowed=False)) or list(softmax(llm, windowed=True))


def kv_elements_per_layer(llm: Architecture) -> float:
    """Cached elements of one token in one layer; the mean, where layers have different numbers of KV heads."""
    runs = typical(llm)
    return sum(n * mixer.kv_elements for n, mixer in runs) / sum(n for n, _ in runs)


def kv_bytes_per_token(llm: Architecture, bytes_per_element: float) -> float:
    """What one more token adds to the KV cache, in the layers that grow with the whole context."""
    return layers_full(llm) * kv_elements_per_layer(llm) * bytes_per_element


def window_bytes_per_sequence(llm: Architecture, bytes_per_element: float) -> float:
    """The most that the layers with a window or a chunk hold of one sequence."""
    elements = sum(n * mixer.kv_elements * mixer.window for n, mixer in softmax(llm, windowed=True))
    return elements * bytes_per_element


def state_bytes_per_sequence(llm: Architecture) -> int:
    """Recurrent state and convolution inputs of all linear layers; it does not grow with the context."""
    return sum(n * layer.mixer.state_bytes for n, layer in llm.stack if layer.mixer)


# --- columns ----------------------------------------------------------------------------------------------


def kv_heads(llm: Architecture) -> float:
    """Heads that tensor parallelism can spread the KV cache over: 1 for MLA, whose latent serves all."""
    mixer = typical(llm)[0][1]
    return 1 if isinstance(mixer, LatentAttention) else kv_elements_per_layer(llm) / (mixer.key_dim + mixer.v_dim)


def hidden_size(llm: Architecture) -> int:
    return llm.hidden


def max_context_tokens(llm: Architecture) -> int:
    return llm.max_context


def heads(llm: Architecture) -> int:
    return typical(llm)[0][1].heads


def qk_head_dim(llm: Architecture) -> int:
    return typical(llm)[0][1].key_dim


def v_head_dim(llm: Architecture) -> int:
    return typical(llm)[0][1].v_dim


def kv_lora_rank(llm: Architecture) -> int:
    mixer = typical(llm)[0][1]
    return 0 if isinstance(mixer, Attention) else mixer.latent


def rope_head_dim(llm: Architecture) -> int:
    mixer = typical(llm)[0][1]
    return 0 if isinstance(mixer, Attention) else mixer.rope_dim


def window_tokens(llm: Architecture) -> int:
    return max((mixer.window for _, mixer in softmax(llm, windowed=True)), default=0)


def experts(llm: Architecture) -> int:
    return max((part.experts for _, part in moe_runs(llm)), default=0)


def active_experts(llm: Architecture) -> int:
    return max((part.active for _, part in moe_runs(llm)), default=0)


def state_mb_per_sequence(llm: Architecture) -> float:
    return state_bytes_per_sequence(llm) / BYTES_PER_MB


def in_billions(formula: Callable[[Architecture], int]) -> Callable[[Architecture], float]:
    def billions(llm: Architecture) -> float:
        return formula(llm) / PARAMS_PER_BPARAM

    return billions


class Derived(NamedTuple):
    unit: str
    label: str
    formula: Callable[[Architecture], float]


DERIVED: dict[str, Derived] = {
    "params_b": Derived("Bparam", "All parameters, computed", in_billions(total_params)),
    "embedding_params_b": Derived("Bparam", "Stored embedding tables", in_billions(embedding_params)),
    "head_params_b": Derived("Bparam", "Output head", in_billions(head_params)),
    "expert_params_b": Derived("Bparam", "All routed experts", in_billions(routed_params)),
    "hidden_size": Derived("channel", "Hidden size", hidden_size),
    "layers": Derived("layer", "Layers", layers),
    "layers_full": Derived("layer", "Layers with full attention", layers_full),
    "layers_sliding": Derived("layer", "Layers with a sliding window or chunks", layers_sliding),
    "layers_linear": Derived("layer", "Layers with linear attention", layers_linear),
    "moe_layers": Derived("layer", "Layers with routed experts", moe_layers),
    "window_tokens": Derived("token", "Window of the sliding layers", window_tokens),
    "heads": Derived("head", "Attention heads", heads),
    "kv_heads": Derived("head", "KV heads that can be sharded", kv_heads),
    "qk_head_dim": Derived("channel", "Size of a query and key head", qk_head_dim),
    "v_head_dim": Derived("channel", "Size of a value head", v_head_dim),
    "kv_lora_rank": Derived("channel", "Latent of MLA", kv_lora_rank),
    "rope_head_dim": Derived("channel", "Rotary part of MLA", rope_head_dim),
    "experts": Derived("expert", "Routed experts", experts),
    "active_experts": Derived("expert", "Routed experts of a token", active_experts),
    "state_mb_per_sequence": Derived("MB", "Recurrent state of one sequence", state_mb_per_sequence),
    "max_context_tokens": Derived("token", "Longest context", max_context_tokens),
}
"""All numbers of an LLM that the model uses, and how its layers are split."""
