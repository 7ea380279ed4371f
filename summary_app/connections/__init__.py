"""EHR connections: what they are, how people and the product itself sign in there, whether they work."""
