"""The judge: a conformance suite for SIF endpoints that proves its checks can fail."""

__version__ = "0.1.0"
