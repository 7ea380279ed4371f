"""The ward: bedside signs, NEWS2, what is late, the flow sheet, growth and pregnancy. Pure, like every stage."""
