"""The page: openings, pulls, snapshots, fragments, and charts prepared before the visit."""
