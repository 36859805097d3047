"""Charts: one definition each, drawn in a process of its own."""
