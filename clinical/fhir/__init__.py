"""Everything that speaks to a FHIR server: sessions, the pull plan, pages, SMART, the connection check.

The only room of `clinical` that does input and output. It may read the monotonic clock for its deadlines; times of
day come in as arguments.
"""
