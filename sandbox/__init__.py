"""Sandbox EHRs: FHIR R4 servers with a SMART sign-in, invented patients, and faults that can be switched on.

One process is one EHR: `python -m sandbox serve --name mercy --title "Mercy Hospital" --app-url URL`. It stands apart from the
application, which meets it as it meets any other EHR, over HTTP.
"""
