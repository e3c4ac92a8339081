"""What the program must agree with: the same rules once more, written for obviousness and not for speed."""
