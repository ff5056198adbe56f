"""Pixel labels as others write them: colour masks, DICOM SEG, circles and polygons in a table."""
