"""What is done with openings."""
