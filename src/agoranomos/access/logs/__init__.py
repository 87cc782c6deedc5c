"""Web logs (combined, nginx JSON, CloudFront) as pairs of reader and person read, in batches: see `reading`."""
