"""Sourced facts: accelerators, LLMs, precisions, hosted prices and rental prices."""

from xl_econ.catalog.load import Catalog, load_catalog
from xl_econ.catalog.messages import CatalogError

__all__ = ["Catalog", "CatalogError", "load_catalog"]
