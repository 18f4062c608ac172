"""A simulated product that takes files by HTTP and SFTP, and its mutants."""

from conformance.simulators.file_receiver.receiver import FileReceiver

__all__ = ["FileReceiver"]
