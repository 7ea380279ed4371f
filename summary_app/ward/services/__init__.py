"""What the nurse's screens are made from."""
