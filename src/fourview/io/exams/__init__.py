"""Exams: from folders, files, archives and lists to files by exam, and to their pixels."""

from fourview.io.exams.files import ExamFiles, Found, ImageFile, Refused, SetAsideFile
from fourview.io.exams.finding import EXAM_BY, find_exams
from fourview.io.exams.instances import each_instance_once
from fourview.io.exams.journal import HeaderJournal
from fourview.io.exams.many_headers import header_reader
from fourview.io.exams.reading import read_exam
from fourview.io.exams.zip_source import is_zip, open_sources

__all__ = [
    "EXAM_BY",
    "ExamFiles",
    "Found",
    "HeaderJournal",
    "ImageFile",
    "Refused",
    "SetAsideFile",
    "each_instance_once",
    "find_exams",
    "header_reader",
    "is_zip",
    "open_sources",
    "read_exam",
]
