"""Names: what measurements call LLMs, accelerators, engines and number formats, as the catalog has them.

The tables are in data/names.toml. A name that could be two things is neither: never a guess.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from xl_econ.calibration.left_out import LeaveOut
from xl_econ.catalog.load import load_catalog
from xl_econ.inputs.own_catalog import OwnRecords, ids_of, record_value

Words = tuple[str, ...]
Index = dict[str, set[str]]
"""The ids that a name in bare letters may mean."""
FORMS = ("sxm", "pcie", "nvl")
MONTH = re.compile(r"2\d(0[1-9]|1[0-2])|(0[1-9]|1[0-2])[0-3]\d")
SIZE = re.compile(r"\d+(\.\d+)?(x\d+)?[bt]")
COUNT = re.compile(r"^\s*\d+\s*[x×]\s*(?=[a-z])|\s+[x×]\s*\d+\s*$")
MEMORY = re.compile(r"(\d+)[ _-]?gi?b\b")
SLICE = re.compile(r"\b(v\d+\w*)-\d+$")
"""A slice of TPUs is named with its chips: v6e-8."""
VERSION = re.compile(r"\d+(\.\d+)+")
AUTO, FOUR_BITS = "auto", "fp4"


@functools.cache
def tables() -> dict[str, Any]:
    """data/names.toml."""
    return tomllib.loads((resources.files("xl_econ.calibration") / "data" / "names.toml").read_text("utf-8"))


def bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@functools.cache
def engine_of(text: str) -> str:
    """The engine as the tables call it, or as the text does."""
    letters = bare(text)
    found = [(letters.find(key), -len(key), name) for key, name in tables()["engines"].items() if key in letters]
    return min(found)[-1] if found else text


def version_of(text: str) -> str:
    """The engine's version, as 0.10; empty where the text has none."""
    found = VERSION.search(text)
    return found[0] if found else ""


def version(text: str) -> tuple[int, ...]:
    """A version's numbers, to be compared; before all others where there is none."""
    return tuple(int(number) for number in text.split(".") if number)


class Names:
    """The entries of the catalog and of a study, by all that they are called."""

    def __init__(self, own: OwnRecords) -> None:
        self.own = own
        self.llm = functools.cache(self._llm)
        self.accelerator = functools.cache(self._accelerator)
        self.weights = functools.cache(self._weights)
        self._calls = {table: list(self._called(table)) for table in ("llms", "accelerators")}
        self._exact = {table: _index((bare(name), id) for name, id in calls) for table, calls in self._calls.items()}
        self._llm_words = [(llm_words(name), id) for name, id in self._calls["llms"]]
        self._starts = _index((start, id) for words, id in self._llm_words for start in _starts(words))
        self._llms = _index(("".join(words), id) for words, id in self._llm_words)
        self._llms |= {"".join(llm_words(name)): {id} for name, id in tables()["llms"].items()}
        self._accelerators = _index(("".join(accelerator_words(n)), id) for n, id in self._calls["accelerators"])
        self._whole = {_whole(name): {id} for name, id in tables()["accelerators"].items()}
        self._accelerators |= self._whole

    def fact(self, table: str, id: str, field: str) -> Any:
        return record_value(table, id, field, self.own)

    def _called(self, table: str) -> Iterable[tuple[str, str]]:
        shipped = load_catalog().table(table)
        for id in ids_of(table, self.own):
            names = id, str(self.fact(table, id, "name")), str(getattr(shipped.get(id), "hf_repo", ""))
            yield from ((name, id) for name in names if name)

    def _llm(self, *names: str) -> str:
        """By the first of its names that is exactly one LLM."""
        told = [name for name in names if bare(name)]
        meant = [self._llm_ids(name) for name in told]
        for ids in meant:
            if len(ids) == 1:
                return next(iter(ids))
        possible = [(ids or self._akin(name), name) for ids, name in zip(meant, told, strict=True)]
        return _none_or_many("llms", possible)

    def _llm_ids(self, name: str) -> set[str]:
        """What it is called, without how it was stored; or the start of that, if the start tells the size."""
        words = llm_words(name)
        ids = self._exact["llms"].get(bare(name)) or self._llms.get("".join(words)) or set[str]()
        if ids or not any(SIZE.fullmatch(word) for word in words):
            return ids
        return self._starts.get("".join(words), set[str]())

    def _akin(self, name: str) -> set[str]:
        """All that have its words in this order."""
        words = llm_words(name)
        return {id for other, id in self._llm_words if words and _in_order(words, other)}

    def _accelerator(self, name: str) -> str:
        """By its name without maker and memory; the memory, then the usual form decide between several."""
        key, memory = "".join(accelerator_words(name)), _memory(name)
        ids = self._exact["accelerators"].get(bare(name)) or self._whole.get(_whole(name))
        if not ids:
            ids = self._accelerators.get(key) or set[str]().union(*(self._accelerators.get(key + f, ()) for f in FORMS))
            ids = {id for id in ids if key and self._has(id, memory)}
        usual = {id for id in ids if tables()["same_accelerator"]["form"] in accelerator_words(id)}
        ids = usual if len(ids) > 1 and usual else ids
        return next(iter(ids)) if len(ids) == 1 else _none_or_many("accelerators", [(ids, name)])

    def _has(self, id: str, memory_gb: float | None) -> bool:
        shipped = load_catalog().accelerators.get(id)
        there = shipped.nominal_memory_gb.value if shipped else float(self.fact("accelerators", id, "memory_gb"))
        return memory_gb is None or abs(memory_gb / there - 1) <= tables()["same_accelerator"]["memory_tolerance"]

    def _weights(self, text: str, model: str, llm: str, accelerator: str) -> str:
        """A format of weights; where a cell leaves it to the checkpoint, what that is called, or its own."""
        if text.lower() not in ("", AUTO):
            return self.precision(text, llm, accelerator)
        pieces = reversed(_pieces(model))
        said = next((piece for piece in pieces if piece == FOUR_BITS or _known_precision(piece)), "")
        native = load_catalog().llms[llm].native_precision if text and llm in load_catalog().llms else ""
        return self.precision(said or native, llm, accelerator)

    def precision(self, text: str, llm: str, accelerator: str) -> str:
        if found := _known_precision(text):
            return found
        if bare(text) != FOUR_BITS:
            raise LeaveOut(f"a number format that the catalog lacks: {text or 'blank'}", ours=bool(text))
        shipped = load_catalog().llms.get(llm)
        if shipped and shipped.native_precision == "mxfp4":
            return "mxfp4"
        if self.fact("accelerators", accelerator, "efficiency_family") == "blackwell":
            return "nvfp4"  # the only kernels in four bits for other checkpoints there
        raise LeaveOut("could be mxfp4 or nvfp4: fp4")

    def cache(self, text: str, engine: str, weights: str, llm: str, accelerator: str) -> str:
        """The format of the KV cache, which engines decide where nobody says."""
        if text.lower() not in ("", AUTO):
            return self.precision(text, llm, accelerator)
        family = self.fact("accelerators", accelerator, "efficiency_family")
        for rule in tables()["kv"]:
            if rule["engine"] == engine and weights in rule["weights"] and family in (rule["families"] or [family]):
                return rule["precision"]
        return "bf16"


def llm_words(name: str) -> Words:
    """The words of an LLM's name that tell which it is: without owner, training, storage and month."""
    kept: list[str] = []
    dropped = False
    for piece in _pieces(name):
        is_revision = dropped and re.fullmatch(r"v\d+", piece)  # of what was stored: NVFP4-v2
        dropped = piece in tables()["same_llm"]["pieces"]
        if not (dropped or is_revision or MONTH.fullmatch(piece)):
            kept += re.findall(r"[a-z]{3,}(?=\d)|[a-z0-9.]+", piece)
    return tuple(word.replace(".", "") if not SIZE.fullmatch(word) else word for word in kept)


def accelerator_words(name: str) -> Words:
    """The words of an accelerator's name without its number, maker and memory."""
    text = SLICE.sub(r"\1", COUNT.sub("", MEMORY.sub(" ", name.lower())))
    pieces = [re.sub(r"^sxm\d$", "sxm", piece) for piece in _pieces(text)]
    return tuple(piece.replace(".", "") for piece in pieces if piece not in tables()["same_accelerator"]["pieces"])


def _pieces(name: str) -> list[str]:
    """The last part of a repository or path, in pieces."""
    last = re.split(r"[/\\]|--", name.lower().strip().rstrip("/\\"))[-1]
    return re.findall(r"[a-z0-9]+(?:\.\d[a-z0-9]*)*", last)


def _whole(name: str) -> str:
    """With the memory, which may be part of what it is called."""
    return "".join(p for p in _pieces(name) if p not in tables()["same_accelerator"]["pieces"])


def _memory(name: str) -> float | None:
    found = MEMORY.search(name.lower())
    return float(found[1]) if found else None


def _known_precision(text: str) -> str:
    """The catalog's name of a number format; empty if it has none."""
    name = tables()["precisions"].get(bare(text), bare(text))
    return name if name in load_catalog().precisions else ""


def _index(pairs: Iterable[tuple[str, str]]) -> Index:
    index: Index = {}
    for key, id in pairs:
        index.setdefault(key, set()).add(id)
    return index


def _starts(words: Words) -> set[str]:
    return {"".join(words[:length]) for length in range(1, len(words) + 1)}


def _in_order(words: Words, others: Words) -> bool:
    rest = iter(others)
    return all(word in rest for word in words)


def _none_or_many(table: str, possible: list[tuple[set[str], str]]) -> str:
    """Raises LeaveOut."""
    for ids, name in possible:
        if len(ids) > 1:
            known: Mapping[str, Any] = load_catalog().table(table)
            ordered = sorted(ids, key=lambda id: (list(known).index(id) if id in known else len(known), id))
            raise LeaveOut(f"could be {' or '.join(ordered)}: {name}")
    told = possible[-1][1] if possible else ""
    raise LeaveOut(f"not in the catalog: {told or 'no name'}", ours=bool(told))
