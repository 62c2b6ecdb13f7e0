"""What results say, drawn and in words: curves, tables, one HTML page. No torch."""
