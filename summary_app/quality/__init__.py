"""What the sources' data are like: codes of their own, and whether the product loses anything of what they send."""
