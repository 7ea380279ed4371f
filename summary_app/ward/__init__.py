"""The nurse's screens: the lens of one patient, the unit board, the hand-over."""
