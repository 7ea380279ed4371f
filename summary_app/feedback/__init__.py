"""What clinicians say is wrong on a page."""
