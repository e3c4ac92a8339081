"""How a plan is carried out: the only room that writes touches, and the only one that sends."""
