"""Writing it down."""
