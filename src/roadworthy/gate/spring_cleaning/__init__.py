"""Which cases no longer earn what they cost, and what taking them out would lose."""
