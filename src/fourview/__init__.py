"""fourview reads four-view screening mammograms with neural networks. Research software only."""

__version__ = "0.1.0"

NOT_A_DEVICE = "Research software, not a medical device: not for diagnosis or treatment."
