"""Payment by hand: a bank transfer or cash, confirmed by an operator. Asks nobody and needs no network."""
