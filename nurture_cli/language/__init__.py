"""The language of conditions: names, expressions, and what is wrong with them."""
