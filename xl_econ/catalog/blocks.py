"""What a layer is made of, and what each part weighs: parameters, cached elements, state.

One documented formula per kind of attention and of MLP, on whole numbers, so that counts are exact.
Shorthand in the formulas: h hidden size, nq / nkv query and key-value heads, d head size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MATRICES_OF_A_GATED_MLP = 3  # gate, up and down
MATRICES_OF_A_PLAIN_MLP = 2  # up and down
RECURRENT_STATE_BYTES = 4  # engines keep the recurrent state in fp32
CONV_STATE_BYTES = 2  # and the inputs of the short convolution in bf16
MAMBA_VECTORS_PER_HEAD = 3  # decay, skip and time step

QkNorm = Literal["none", "per_head", "per_channel"]
Gate = Literal["none", "per_head", "per_channel"]


# --- token mixers -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attention:
    """MHA, GQA and MQA over the whole context, or over a window of tokens."""

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    value_dim: int = 0
    """Size of a value head where it is not that of a key."""
    window: int = 0
    """Tokens that a layer sees at most; 0: all."""
    gate: Gate = "none"
    qk_norm: QkNorm = "none"
    qkv_bias: bool = False
    output_bias: bool = False
    sinks: bool = False
    keys_are_values: bool = False
    """One projection serves as keys and values; both are cached all the same (Gemma 4)."""

    @property
    def key_dim(self) -> int:
        return self.head_dim

    @property
    def v_dim(self) -> int:
        return self.value_dim or self.head_dim

    @property
    def params(self) -> int:
        """h·nq·d + 2·h·nkv·d + nq·d·h, plus gate, biases, query-key norms and sinks."""
        queries, keys, values = self.heads * self.key_dim, self.kv_heads * self.key_dim, self.kv_heads * self.v_dim
        projected = queries + keys + (0 if self.keys_are_values else values)
        gates = {"none": 0, "per_head": self.heads, "per_channel": self.heads * self.v_dim}[self.gate]
        weights = self.hidden * (projected + gates) + self.heads * self.v_dim * self.hidden
        biases = self.qkv_bias * projected + self.output_bias * self.hidden
        return weights + biases + self._qk_norm_params(queries, keys) + self.sinks * self.heads

    def _qk_norm_params(self, queries: int, keys: int) -> int:
        """One vector per head size (Qwen3), or over all channels (MiniMax-M2)."""
        return {"none": 0, "per_head": 2 * self.head_dim, "per_channel": queries + keys}[self.qk_norm]

    @property
    def kv_elements(self) -> int:
        """Cached elements of one token: a key and a value per KV head."""
        return self.kv_heads * (self.key_dim + self.v_dim)

    @property
    def state_bytes(self) -> int:
        return 0


@dataclass(frozen=True)
class LatentAttention:
    """MLA: low-rank queries, one latent for all keys and values; DeepSeek-V3.2 and GLM-5 add an indexer."""

    hidden: int
    heads: int
    query_rank: int
    """0: queries come from the hidden state directly."""
    latent: int
    nope_dim: int
    rope_dim: int
    v_dim: int
    index_heads: int = 0
    index_dim: int = 0

    window = 0

    @property
    def key_dim(self) -> int:
        return self.nope_dim + self.rope_dim

    @property
    def params(self) -> int:
        down = self.hidden * (self.latent + self.rope_dim) + self.latent
        up = self.latent * self.heads * (self.nope_dim + self.v_dim)
        return self._query_params + down + up + self.heads * self.v_dim * self.hidden + self._indexer_params

    @property
    def _query_params(self) -> int:
        """h·r + r + r·nq·(nope + rope) through a rank r, or h·nq·(nope + rope) directly."""
        width, rank = self.heads * self.key_dim, self.query_rank
        return self.hidden * rank + rank + rank * width if rank else self.hidden * width

    @property
    def _indexer_params(self) -> int:
        """Its queries, one key with a layer norm, and head weights."""
        size = self.index_dim
        key = self.hidden * size + 2 * size
        return self.query_rank * self.index_heads * size + key + self.hidden * self.index_heads

    @property
    def kv_elements(self) -> int:
        """The latent and its rotary part. The indexer's own keys are left out."""
        return self.latent + self.rope_dim

    @property
    def state_bytes(self) -> int:
        return 0


@dataclass(frozen=True)
class DeltaNet:
    """Gated delta net: q, k, v and gate; decay and write strength; convolution; norm; output."""

    hidden: int
    key_heads: int
    value_heads: int
    key_dim: int
    value_dim: int
    conv_kernel: int

    @property
    def _widths(self) -> tuple[int, int]:
        return self.key_heads * self.key_dim, self.value_heads * self.value_dim

    @property
    def params(self) -> int:
        keys, values = self._widths
        projections = self.hidden * (2 * keys + 2 * values) + self.hidden * 2 * self.value_heads + values * self.hidden
        convolution = (2 * keys + values) * self.conv_kernel
        return projections + convolution + 2 * self.value_heads + self.value_dim

    @property
    def state_bytes(self) -> int:
        keys, values = self._widths
        recurrent = values * self.key_dim * RECURRENT_STATE_BYTES
        return recurrent + (2 * keys + values) * (self.conv_kernel - 1) * CONV_STATE_BYTES


@dataclass(frozen=True)
class Lightning:
    """Lightning attention (MiniMax-M1): q, k, v, output, an output gate, and a norm over all channels."""

    hidden: int
    heads: int
    head_dim: int

    @property
    def params(self) -> int:
        width = self.heads * self.head_dim
        return 3 * self.hidden * width + 2 * width * self.hidden + width

    @property
    def state_bytes(self) -> int:
        return self.heads * self.head_dim * self.head_dim * RECURRENT_STATE_BYTES


@dataclass(frozen=True)
class Mamba2:
    """Mamba-2 (Nemotron-H): gate, x, B, C and time step in one projection; convolution with bias; norm; output."""

    hidden: int
    heads: int
    head_dim: int
    groups: int
    state: int
    conv_kernel: int
    conv_bias: bool = True
    projection_bias: bool = False

    @property
    def _inner(self) -> int:
        return self.heads * self.head_dim

    @property
    def _convolved(self) -> int:
        return self._inner + 2 * self.groups * self.state

    @property
    def params(self) -> int:
        projected = self._inner + self._convolved + self.heads
        convolution = self._convolved * (self.conv_kernel + self.conv_bias)
        biases = self.projection_bias * (projected + self.hidden)
        small = MAMBA_VECTORS_PER_HEAD * self.heads + self._inner
        return self.hidden * projected + convolution + small + self._inner * self.hidden + biases

    @property
    def state_bytes(self) -> int:
        recurrent = self._inner * self.state * RECURRENT_STATE_BYTES
        return recurrent + self._convolved * (self.conv_kernel - 1) * CONV_STATE_BYTES


# --- feed-forward -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mlp:
    """A dense MLP: gated (gate, up, down), or plain (up, down) as in GPT-J, Falcon and Nemotron."""

    hidden: int
    width: int
    gated: bool = True
    bias: bool = False

    @property
    def params(self) -> int:
        return mlp_params(self.hidden, self.width, self.gated) + self.bias * mlp_biases(
            self.hidden, self.width, self.gated
        )


def mlp_params(hidden: int, width: int, gated: bool = True) -> int:
    return (MATRICES_OF_A_GATED_MLP if gated else MATRICES_OF_A_PLAIN_MLP) * hidden * width


def mlp_biases(hidden: int, width: int, gated: bool = True) -> int:
    return (2 if gated else 1) * width + hidden


@dataclass(frozen=True)
class Experts:
    """Routed experts with their router, and shared ones that every token uses."""

    hidden: int
    experts: int
    active: int
    width: int
    gated: bool = True
    bias: bool = False
    """gpt-oss: biases on all matrices of an expert."""
    router_bias: bool = False
    shared_width: int = 0
    """Of all shared experts together."""
    shared_gate: bool = False
    """Qwen3-Next and Qwen3.5 pass the shared expert through a gate of h parameters."""
    latent: int = 0
    """Nemotron 3: experts act on a latent of this size, with a projection into it and one out of it."""
    router_extra: int = 0
    """Further vectors of the router."""

    @property
    def expert_params(self) -> int:
        acts_on = self.latent or self.hidden
        return mlp_params(acts_on, self.width, self.gated) + self.bias * mlp_biases(acts_on, self.width, self.gated)

    @property
    def routed_params(self) -> int:
        return self.experts * self.expert_params

    @property
    def params(self) -> int:
        router = (self.hidden + self.router_bias) * self.experts + self.router_extra
        shared = mlp_params(self.hidden, self.shared_width, self.gated) + self.shared_gate * self.hidden
        return router + shared + 2 * self.hidden * self.latent + self.routed_params


# --- the stack --------------------------------------------------------------------------------------------

Softmax = Attention | LatentAttention
Recurrent = DeltaNet | Lightning | Mamba2
FeedForward = Mlp | Experts


@dataclass(frozen=True)
class Layer:
    """A mixer and its feed-forward parts, or one of the two alone; `norms` counts vectors of the hidden size."""

    mixer: Softmax | Recurrent | None
    feed_forward: tuple[FeedForward, ...]
    norms: int = 2
    scalars: int = 0

    @property
    def params(self) -> int:
        """Without norms, whose biases are a matter of the whole LLM."""
        return (self.mixer.params if self.mixer else 0) + sum(part.params for part in self.feed_forward) + self.scalars


@dataclass(frozen=True)
class Architecture:
    """All that the formulas in `parameters.py` need: tables, and layers as runs of (how many, which)."""

    hidden: int
    vocabulary: int
    tied: bool
    max_context: int
    stack: tuple[tuple[int, Layer], ...]
    norm_bias: bool = False
    head_bias: bool = False
    final_norms: int = 1
