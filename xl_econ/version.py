"""Name and version, in a module of its own so that nothing else is loaded for it."""

ENGINE = "xl-econ"
VERSION = "0.6.0"
