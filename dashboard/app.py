"""``panel serve dashboard/app.py``: the dashboard of the store that the variable PRET_STORE names.
Not here: anything else."""

from dashboard.serving import page_of_visit, use_threads
from explain.ahead import load_libraries

use_threads()
load_libraries()
page_of_visit().servable()
