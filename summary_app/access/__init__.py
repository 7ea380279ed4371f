"""Who may see what: people, roles, the one door to patient data, and the record of everybody who went through it."""
