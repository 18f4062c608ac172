"""Bytes to trees and back: hardened XML, schema verdicts."""
