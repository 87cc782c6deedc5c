"""What every page and endpoint shares: the app, problem documents, the base page."""
