"""People label what agents did, without seeing what anybody else said of it."""
