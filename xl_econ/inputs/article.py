"""The article's rows and the studies that compute them: cases beside the user's scenarios."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict

from xl_econ.inputs.study import Study, preset

CALCULATIONS = {
    1: "Llama 3.1 405B on 16 H100, one sequence",
    2: "Prefill and decode on GPUs of their own",
    3: "Hosting against a hosted API",
    4: "Llama 8B on one H100",
    5: "Does a GPU cloud earn money at 2 USD per hour?",
    6: "Who earns in the value chain?",
}


class ArticleRow(BaseModel):
    """One published figure: how the article gets it, which quantity computes it, why ours differs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    calculation: int
    case: str
    quantity: str
    printed: str
    """As the article prints it."""
    published: float
    """The printed figure in the quantity's unit."""
    sum: str
    why: str
    derivable: bool = True
    """False where the figure cannot be had from the article's own inputs."""


class ArticleCase(BaseModel):
    """A study whose first scenario is the article's, and the scenario that stands for our own figure."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: str
    preset: str
    beside: str

    def study(self) -> Study:
        """Just the two scenarios."""
        study = preset(self.preset)
        names = (study.names[0], self.beside)
        return study.model_copy(update={"scenarios": {name: study.scenarios[name] for name in names}})


class Correction(BaseModel):
    """One step of the bridge: the inputs that it takes over from the corrected case, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    label: str
    inputs: list[str]
    why: str


class ArticleBridge(BaseModel):
    """From a printed figure of the article to ours: the case that holds both ends, and the corrections between."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    case: str
    quantity: str
    printed: float
    """The printed figure in the quantity's unit."""
    correction: list[Correction]


@functools.cache
def article() -> tuple[dict[str, ArticleCase], tuple[ArticleRow, ...]]:
    """The cases by id, and the rows in order."""
    cases = {name: ArticleCase.model_validate(each) for name, each in _raw()["cases"].items()}
    return cases, tuple(ArticleRow.model_validate(each) for each in _raw()["row"])


@functools.cache
def article_bridge() -> ArticleBridge:
    """The bridge from the article's figure to ours."""
    return ArticleBridge.model_validate(_raw()["bridge"])


@functools.cache
def _raw() -> dict[str, Any]:
    text = resources.files("xl_econ.catalog").joinpath("data").joinpath("article.toml").read_text("utf-8")
    return tomllib.loads(text)
