"""Inputs: scenarios and studies, in and out of TOML, checked strictly."""
