"""What a network represents: its activations as a picture, and what neighbours in them share."""
