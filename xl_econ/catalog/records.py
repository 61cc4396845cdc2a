"""The records of the catalog: what one accelerator, LLM, price or source must look like.

Every number is a `Fact`: a value with its unit, source and kind. The unit that a field must have stands
beside the field, so that 80 "GiB" or 3,350 "GB/s" in the wrong place is an error and never a wrong result.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationInfo, field_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Kind = Literal["stated", "measured", "derived", "assumed"]
Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
DATE = r"^(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
Date = Annotated[str, Field(pattern=DATE)]
Year = Annotated[str, Field(pattern=r"^20\d\d$")]

WRONG_UNIT = 'unit is "{found}", but it must be "{wanted}". Give the value in {wanted}.'
NOT_WHOLE = "value is {found}, but it counts whole {unit}s. Give a whole number."
WHOLE_UNITS = frozenset({"accelerator", "channel", "entry", "expert", "head", "layer", "token"})


class Record(BaseModel):
    """Strict: unknown keys, text for numbers, true for 1, NaN and later changes are all refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Fact(Record):
    """One number: what it is, in which unit, who says so, and how they know.

    `stated` is read in the source, `measured` was measured by it, `derived` is computed from what it says,
    and `assumed` needs a `why`. Without a date of its own a fact has the date of its source.
    """

    value: Annotated[float, Field(allow_inf_nan=False, gt=0)]
    unit: Text
    source: Id
    quote: Text | None = None
    date: Date | None = None
    why: Text | None = None
    kind: Kind

    @field_validator("kind")
    @classmethod
    def _assumed_says_why(cls, kind: Kind, info: ValidationInfo) -> Kind:
        if kind == "assumed" and "why" in info.data and info.data["why"] is None:
            raise PydanticCustomError("no_why", 'it is "assumed", but has no why. Add why = "…".')
        return kind


@dataclass(frozen=True)
class Unit:
    """The unit that a field's fact must have. Counts (heads, layers, tokens …) must be whole too."""

    symbol: str

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, fact: Fact) -> Fact:
        if fact.unit != self.symbol:
            context = {"found": fact.unit, "wanted": self.symbol}
            raise PydanticCustomError("wrong_unit", WRONG_UNIT, context)
        if self.symbol in WHOLE_UNITS and not fact.value.is_integer():
            context = {"found": fact.value, "unit": self.symbol}
            raise PydanticCustomError("not_whole", NOT_WHOLE, context)
        return fact


Channels = Annotated[Fact, Unit("channel")]
Heads = Annotated[Fact, Unit("head")]
Layers = Annotated[Fact, Unit("layer")]
Experts = Annotated[Fact, Unit("expert")]
Tokens = Annotated[Fact, Unit("token")]
Entries = Annotated[Fact, Unit("entry")]
Bparam = Annotated[Fact, Unit("Bparam")]
Gigabytes = Annotated[Fact, Unit("GB")]
TbPerSecond = Annotated[Fact, Unit("TB/s")]
GbPerSecond = Annotated[Fact, Unit("GB/s")]
TflopPerSecond = Annotated[Fact, Unit("TFLOP/s")]
Accelerators = Annotated[Fact, Unit("accelerator")]
Watts = Annotated[Fact, Unit("W")]
Kilowatts = Annotated[Fact, Unit("kW")]
Usd = Annotated[Fact, Unit("USD")]
UsdPerHour = Annotated[Fact, Unit("USD/h")]
UsdPerMtoken = Annotated[Fact, Unit("USD/Mtoken")]
BytesPerParam = Annotated[Fact, Unit("B/param")]
BytesPerElement = Annotated[Fact, Unit("B/element")]


class Source(Record):
    """Where numbers come from: something that a reader can open."""

    id: Id
    title: Text
    reference: Text
    date: Date
    note: Text | None = None


class Accelerator(Record):
    """A chip as one buys or rents it. Compute rates are dense; the 2:4-sparse rate is kept apart."""

    id: Id
    name: Text
    vendor: Text
    architecture: Text
    form_factor: Text
    year: Year
    efficiency_family: Literal[
        "ampere", "ada", "hopper", "blackwell", "cdna2", "cdna3", "gaudi", "tpu", "neuron", "other"
    ]
    note: Text | None = None
    memory_gb: Gigabytes  # what the driver reports, in decimal GB
    nominal_memory_gb: Gigabytes  # what the vendor's name says; mostly GiB in truth
    bandwidth_tb_per_s: TbPerSecond
    dense_bf16_tflops: TflopPerSecond
    dense_fp8_tflops: TflopPerSecond | None = None
    dense_int8_tflops: TflopPerSecond | None = None
    dense_fp4_tflops: TflopPerSecond | None = None
    sparse_bf16_tflops: TflopPerSecond | None = None  # never to be used as a dense rate
    scale_up_gb_per_s: GbPerSecond  # per accelerator, one direction
    scale_up_domain: Accelerators
    scale_out_gb_per_s: GbPerSecond  # per accelerator, one direction
    tdp_w: Watts | None = None
    all_in_kw: Kilowatts | None = None  # with its share of host, network and facility overhead
    rent_usd_per_h: UsdPerHour | None = None  # on demand
    rent_1y_usd_per_h: UsdPerHour | None = None
    rent_3y_usd_per_h: UsdPerHour | None = None
    rent_spot_usd_per_h: UsdPerHour | None = None
    purchase_usd: Usd | None = None


class Llm(Record):
    """An LLM's architecture, as its config.json has it: what `anatomy.py` makes layers of."""

    id: Id
    name: Text
    hf_repo: Text
    release: Date
    licence: Text
    native_precision: Text
    note: Text | None = None

    attention: Literal["mha", "gqa", "mqa", "mla", "hybrid"]
    tied_embeddings: bool = False
    norms: Literal["pre", "pre_and_post", "parallel"] = "pre"  # 2, 4 or 1 vectors per layer
    qk_norm: Literal["none", "per_head", "per_channel"] = "none"
    qkv_bias: bool = False
    output_bias: bool = False
    attention_sinks: bool = False
    router_bias: bool = False
    expert_bias: bool = False
    shared_expert_gate: bool = False
    mlp: Literal["gated", "plain"] = "gated"  # three matrices, or two as in GPT-J and Falcon
    mlp_bias: bool = False
    norm_bias: bool = False  # layer norms with a bias beside the scale
    head_bias: bool = False

    hidden_size: Channels
    layers: Layers
    vocab_size: Entries
    max_context_tokens: Tokens
    published_params_b: Bparam
    published_active_params_b: Bparam | None = None

    heads: Heads
    kv_heads: Heads | None = None
    head_dim: Channels | None = None
    layers_sliding: Layers | None = None  # sliding-window or chunked layers
    window_tokens: Tokens | None = None

    q_lora_rank: Channels | None = None
    kv_lora_rank: Channels | None = None
    qk_nope_head_dim: Channels | None = None
    qk_rope_head_dim: Channels | None = None
    v_head_dim: Channels | None = None
    index_heads: Heads | None = None
    index_head_dim: Channels | None = None
    index_top_tokens: Tokens | None = None

    full_attention_interval: Layers | None = None
    linear_key_heads: Heads | None = None
    linear_value_heads: Heads | None = None
    linear_key_head_dim: Channels | None = None
    linear_value_head_dim: Channels | None = None
    conv_kernel: Tokens | None = None

    intermediate_size: Channels | None = None  # width of a dense MLP
    experts: Experts | None = None
    active_experts: Experts | None = None
    shared_experts: Experts | None = None
    expert_intermediate_size: Channels | None = None
    shared_expert_intermediate_size: Channels | None = None  # where it differs from a routed expert's
    first_dense_layers: Layers | None = None
    moe_layer_step: Layers | None = None  # Llama 4: every n-th layer is MoE


class Precision(Record):
    """A number format of weights and KV cache."""

    id: Id
    name: Text
    body_bytes_per_param: BytesPerParam
    expert_bytes_per_param: BytesPerParam
    element_bytes: BytesPerElement


class Hosted(Record):
    """What a hosted API charged at a date, where and when. `llm` names the LLM of the catalog that is served."""

    id: Id
    name: Text
    provider: Text
    date: Date
    region: Text
    window: Text  # the hours at which the price holds
    llm: Id | None = None
    note: Text | None = None
    input_usd_per_m_tokens: UsdPerMtoken
    cached_input_usd_per_m_tokens: UsdPerMtoken | None = None
    output_usd_per_m_tokens: UsdPerMtoken


class RentPrice(Record):
    """What one accelerator-hour cost at a date. Rows are added, never overwritten."""

    id: Id
    accelerator: Id
    provider: Text
    region: Text
    term: Literal["on_demand", "reserved_1y", "reserved_3y", "spot"]
    date: Date
    usd_per_accelerator_h: UsdPerHour
