"""The reference hub: SIF 3 in, the vendor's form out, nothing before the POD is acknowledged."""

__version__ = "0.1.0"
