"""Split: how the accelerators of a measurement share the work, from counts that sources tell in several ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xl_econ.calibration.left_out import LeaveOut

Numbers = Mapping[str, float | None]


@dataclass(frozen=True)
class Split:
    """Replicas of tensor × data parallel ranks, on so many accelerators in all."""

    accelerators: float
    tensor: float
    data: float
    share: float = 1
    """How much of them the row's figure is about: a node of a larger instance."""


def split(number: Numbers, has_cores: bool, has_experts: bool, of_a_part: bool) -> Split:
    """Raises LeaveOut where the counts contradict each other."""
    _stop_unless_whole(number)
    told, data = number["num_gpus"] or number["tp"], number["dp"] or 1
    if not told or (data > 1 and not number["num_gpus"]):
        raise LeaveOut("how many accelerators is not told")
    there = max(told, data, number["ep"] or 1) if of_a_part else told
    if there > told and number["tp"] is None:
        data = there  # so wide, attention is data parallel
    tensor = _tensor(number["tp"], data, there, has_cores)
    if there % (tensor * data):
        raise LeaveOut(f"{there:g} accelerators are no whole number of replicas of {tensor * data:g}")
    # Copies of a dense LLM are replicas: only experts are spread over the ranks of data parallelism.
    return Split(there, tensor, data if has_experts else 1, told / there)


def _stop_unless_whole(number: Numbers) -> None:
    for name in ("num_gpus", "tp", "pp", "dp"):
        count = number[name]
        if count is not None and (count % 1 or (count == 0 and name in ("num_gpus", "tp"))):
            raise LeaveOut(f"a count that is not whole, or none: {name} {count:g}")


def _tensor(tensor: float | None, data: float, there: float, has_cores: bool) -> float:
    """In accelerators; ranks that are told twice, as tensor and as data parallel, are the same ones."""
    if tensor is None:
        tensor = there / data
    elif data == 1 and tensor > there:
        if not has_cores:
            raise LeaveOut(f"more ranks than accelerators: {tensor:g} on {there:g}")
        tensor = there
    elif data > 1 and tensor * data > there:
        tensor = tensor / data if tensor % data == 0 and there % tensor == 0 else there / data
    if tensor % 1:
        raise LeaveOut(f"data parallelism of {data:g} on {there:g} accelerators: no whole number of each")
    return tensor
