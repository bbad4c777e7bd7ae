from smf_helpers.batch.pages import index_page
from smf_helpers.results.batch import ClientRow


def test_the_list_of_reports_is_the_same_however_long_the_runs_took():
    quick, slow = (ClientRow(client="acme", state="ok", page="report.html", seconds=s) for s in (0.5, 60.0))
    assert index_page([quick]) == index_page([slow])
