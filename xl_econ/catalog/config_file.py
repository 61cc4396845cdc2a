"""A config.json of Hugging Face as it stands: read within limits, its values by any of their names.

Real files have `Infinity` and `NaN` where nothing depends on them, so those pass until somebody asks for the value.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from xl_econ.core.problems import Problems, stop_on

LARGEST_MB = 16
"""The largest real one that was met has 3 MB: a list of every tensor that is not quantised."""
BYTES_PER_MB = 10**6
MOST = 10**9
"""No width, count or context is larger; it keeps results finite."""
MOST_LAYERS = 10_000
LAYERS = ("num_hidden_layers", "n_layer", "num_layers")

Values = dict[str, Any]
Item = TypeVar("Item")


class ConfigError(Problems):
    """A config.json cannot be used. Lists every problem at once."""


def read_json(path: Path) -> tuple[Values, bytes]:
    """The object of a file, and its bytes; raises ConfigError where it is none, or too large."""
    if not path.is_file():
        what = "is a directory" if path.is_dir() else "does not exist"
        raise ConfigError([f"{path}: it {what}. Give the config.json of an LLM on Hugging Face."])
    size = path.stat().st_size
    if size > LARGEST_MB * BYTES_PER_MB:
        too_large = f"{path}: it has {size / BYTES_PER_MB:,.1f} MB, and a config.json at most {LARGEST_MB} MB"
        raise ConfigError([f"{too_large}. Is it another file, such as a tokenizer or weights?"])
    content = path.read_bytes()
    found = _parsed(content, path)
    if not isinstance(found, dict):
        kind = "a list" if isinstance(found, list) else "no object"
        raise ConfigError([f"{path}: it holds {kind}, but a config.json is an object: {{ … }}."])
    return cast(Values, found), content


def _parsed(content: bytes, path: Path) -> Any:
    doubles: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> Values:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            doubles.extend(sorted({name for name in names if names.count(name) > 1}))
        return made

    try:
        found = json.loads(content.decode("utf-8-sig"), object_pairs_hook=once)
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: it is not UTF-8 text. Is it the config.json?"]) from None
    except json.JSONDecodeError as error:
        spot = f"line {error.lineno}, column {error.colno}"
        raise ConfigError([f"{path}: {spot}: it is not valid JSON: {error.msg}. Download it again."]) from None
    except RecursionError:
        raise ConfigError([f"{path}: it is nested too deeply to be read. A config.json has few levels."]) from None
    except ValueError as error:  # a number of thousands of digits
        raise ConfigError([f"{path}: {error}."]) from None
    stop_on((f"{path}: the key {name!r} stands there twice. Delete one." for name in doubles), ConfigError)
    return found


def is_off(value: Any) -> bool:
    """Nothing, no, none of it: what such a key would switch on is not there."""
    return value is None or value is False or (not isinstance(value, float) and value in (0, "", [], {}))


class Config:
    """The text part of a config.json. Every value that is asked for is checked, and every problem noted.

    `asked` are the keys that somebody understands; what is left over may be something that changes the LLM.
    After a problem a value of 1 stands in, so that all problems are found in one go.
    """

    def __init__(self, where: str, values: Values, around: Values | None = None, defaults: Values | None = None):
        self.where = where
        self.values = values
        self.around = around or {}
        """A multimodal LLM's file around the text part, which may hold what concerns both."""
        self.defaults = defaults or {}
        """What the transformers library takes for a key that the file leaves out."""
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.asked: set[str] = set()

    def wrong(self, problem: str) -> None:
        self.problems.append(f"{self.where}: {problem}")

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def understands(self, *names: str) -> None:
        """These keys change nothing that is counted here."""
        self.asked.update(names)

    def has(self, name: str) -> bool:
        return not is_off(self.values.get(name))

    # --- single values ---

    def count(self, *names: str, default: int | None = None, least: int = 1, most: int = MOST) -> int:
        """A whole number, under any of its names. Without a default it must be there."""
        self.asked.update(names)
        found = {name: self.values[name] for name in names if self.values.get(name) is not None}
        bad = [name for name, value in found.items() if not _is_count(value, least, most)]
        for name in bad:
            self.wrong(f"{name} is {found[name]!r}. {_wanted(least, most)}")
        if not bad and len(set(found.values())) > 1:
            told = " and ".join(f"{name} = {value}" for name, value in found.items())
            self.wrong(f"{told} are two names of the same, but differ. Correct one.")
        if bad or found:
            return 1 if bad else int(next(iter(found.values())))
        return self._left_out(names, default)

    def _left_out(self, names: tuple[str, ...], default: int | None) -> int:
        for name in names:
            if name in self.defaults:
                self.note(
                    f"{name} is not in the file; {self.defaults[name]:,} is the default of the transformers library."
                )
                return self.defaults[name]
        if default is None:
            also = f" (or {', '.join(names[1:])})" if names[1:] else ""
            self.wrong(f"{names[0]}{also} is missing. Is the file trimmed? Take it from the LLM's repository.")
            return 1
        return default

    def count_or_none(self, name: str) -> int:
        """A count that may be 0 or null, but must be there: left out, it would be anybody's guess."""
        if name in self.values and is_off(self.values[name]):
            self.asked.add(name)
            return 0
        return self.count(name)

    def layers(self) -> int:
        return self.count(*LAYERS, most=MOST_LAYERS)

    def flag(self, name: str, default: bool) -> bool:
        """true or false; null is the default."""
        self.asked.add(name)
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            self.wrong(f"{name} is {value!r}, but must be true or false.")
        return value if isinstance(value, bool) else default

    def tied(self, default: bool) -> bool:
        """Of a multimodal LLM the outer flag counts, if there is one."""
        self.asked.add("tie_word_embeddings")
        outer = self.around.get("tie_word_embeddings")
        return outer if isinstance(outer, bool) else self.flag("tie_word_embeddings", default)

    # --- lists, one item per layer ---

    def texts(self, name: str, length: int | None = None) -> list[str]:
        return self._list(name, length, "texts", lambda item: isinstance(item, str), "")

    def counts(self, name: str, length: int | None = None, least: int = 0) -> list[int]:
        return self._list(name, length, "whole numbers", lambda item: _is_count(item, least, MOST), 1)

    def objects(self, name: str, length: int, stand_in: Values) -> list[Values]:
        return self._list(name, length, "objects", lambda item: isinstance(item, dict), stand_in)

    def _list(
        self, name: str, length: int | None, kind: str, fits: Callable[[Any], bool], stand_in: Item
    ) -> list[Item]:
        """After a problem, stand-ins for every layer."""
        self.asked.add(name)
        found: Any = self.values.get(name)
        if found is None:
            self.wrong(f"{name} is missing. Is the file trimmed? Take it from the LLM's repository.")
        elif not isinstance(found, list) or not all(map(fits, cast(list[Any], found))):
            self.wrong(f"{name} must be a list of {kind}.")
        elif not 0 < len(cast(list[Any], found)) <= MOST_LAYERS:
            self.wrong(f"{name} must have 1 to {MOST_LAYERS:,} entries.")
        elif length is not None and len(cast(list[Any], found)) != length:
            self.wrong(f"{name} has {len(cast(list[Any], found))} entries, but there are {length} layers.")
        else:
            return cast(list[Item], found)
        return [stand_in] * (length or 1)


def _is_count(value: Any, least: int, most: int) -> bool:
    """Text and true are no numbers; 8.0 is one, NaN and Infinity are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return least <= value <= most and value == int(value)


def _wanted(least: int, most: int) -> str:
    return f"It must be a whole number, {least} to {most:,}, without quotes."
