"""Who works on which case, and until when: claims, what is next, clocks."""
