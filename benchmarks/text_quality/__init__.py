"""The independent examiner of the listing text detectors.

It builds honest catalogues from real shops and plants disguised fakes into real titles, then judges
what ``agora scan`` found. It shares no table and no code with the detectors, so that a technique
that a detector knows by heart is not the only one that it is asked about.
"""
