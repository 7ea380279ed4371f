"""What the area quality does."""
