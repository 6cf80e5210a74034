"""Text recognition: pictures of text become lines and words with boxes and confidences, in the confined child."""
