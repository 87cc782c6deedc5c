"""What is known of a matter, as a dossier: from a campaign's incident, or from all that names a subject."""
