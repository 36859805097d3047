"""What an agent does after a fault: triggers on its path, and what followed each of them."""
