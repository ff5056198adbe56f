"""DICOM: one file to one mammogram, or the reason why it is none."""

from fourview.io.dicom.reading import is_dicom, read_dicom, read_dicom_header

__all__ = ["is_dicom", "read_dicom", "read_dicom_header"]
