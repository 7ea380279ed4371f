"""The rules that decide what a visit shows: written, reviewed, tried on real charts, published and taken back by people here."""
