"""The guide through the demonstration: five stories, each step a page with the row that matters."""
