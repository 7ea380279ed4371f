"""Settings, URLs and the two processes (web, worker)."""
