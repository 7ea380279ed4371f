"""What the rules area does, one module per matter."""
