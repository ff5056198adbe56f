"""Synthetic screening exams with known findings. Pure: values and arrays in, values and arrays out.

A population (`population`) is planned first, as plain values: patients, their breasts, exams over
years, findings with their place in the breast, biopsies, assessments. Each exam is then drawn
(`render`) from its plan alone, at any scale, and readers (`readers`) score what can be seen.
Nothing here is a patient, and no number from it is a clinical claim.
"""
