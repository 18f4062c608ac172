"""Privacy obligations: acknowledging a POD, and the gate in front of the data."""
