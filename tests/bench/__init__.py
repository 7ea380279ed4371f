"""The benchmark: every figure of the project's speed table in one run (`./bench`)."""
