"""Published tables → pictures: plotly figures and drawings, one file a subject."""
