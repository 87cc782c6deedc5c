"""Certification in person: where fakes concentrate, and who has to be seen before he may sell."""
