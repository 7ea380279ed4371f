"""The web application: every table, view, task and admin page. Cut by area; what it shows comes from `clinical`."""
