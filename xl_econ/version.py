"""The version, in a module of its own so that nothing else is loaded for it."""

VERSION = "0.1.0"
