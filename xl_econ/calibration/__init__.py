"""Calibration: what others measured, beside what the model predicts."""
