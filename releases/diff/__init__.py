"""What two packages differ in: trees, lines, colours and words. Knows no models and no pages."""
