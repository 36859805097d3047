"""How good judges are: measured against people, kept, watched, and used to correct rates."""
