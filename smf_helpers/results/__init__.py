"""Result types: the treaty between the rooms. They hold what was found and have no behaviour.

`core` has estimates and their status, `publication` what is shown and what is proposed to the gate,
`claims` findings and answers, `catalogue` every table that may be published; the other modules hold
the results of one subject each.
"""
