"""Exams: from folders, files, archives and lists to files by exam, and to their pixels."""

from fourview.io.exams.files import ExamFiles, Found, ImageFile, Refused, SetAsideFile
from fourview.io.exams.finding import EXAM_BY, find_exams
from fourview.io.exams.reading import read_exam
from fourview.io.exams.zip_source import open_sources

__all__ = [
    "EXAM_BY",
    "ExamFiles",
    "Found",
    "ImageFile",
    "Refused",
    "SetAsideFile",
    "find_exams",
    "open_sources",
    "read_exam",
]
