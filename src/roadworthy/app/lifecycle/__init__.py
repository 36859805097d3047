"""The life of a case after its proof: what the rules make of its runs, and what people decide."""
