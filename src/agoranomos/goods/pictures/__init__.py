"""Pictures of goods: known fakes, the brands' own pictures, what a listing's pictures show, and who shows them too."""
