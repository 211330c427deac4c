"""Lists as files: CSV, Parquet, GeoJSON."""
