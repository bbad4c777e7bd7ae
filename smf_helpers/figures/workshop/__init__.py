"""What a workshop asks and shows, on the wall and in Lab: ballots, words, and pictures of a tally."""
