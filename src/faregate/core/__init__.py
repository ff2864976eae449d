"""The decision engine: pure, synchronous, standard library only. It knows no clock, no store and no HTTP."""
