"""Category profiles: how fakes differ between industries, as data."""
