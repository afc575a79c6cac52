"""Rules a shop owner could state: frozen values, synchronous, no clock, no input or output, no randomness."""
