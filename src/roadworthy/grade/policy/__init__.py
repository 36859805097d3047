"""Policy checks: rules over what an agent did, each naming the span that broke it."""
