"""``panel serve dashboard/app.py``: the dashboard of the store that the variable PRET_STORE names.
Not here: anything else."""

from dashboard.serving import page_of_visit, use_threads

use_threads()
page_of_visit().servable()
