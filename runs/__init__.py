"""Suites, jobs, runs over them, what runs came to, and how progress is shown."""

from .accounts import Account, accounts
from .comparison import Comparison, DifferentTasks, Side, compare_runs
from .curve import BudgetPoint, accuracy_curve, accuracy_within
from .draws import Draws, draws, pass_rate
from .failures import FailureClass, failure_classes
from .figures import Figures
from .improve import Round, improve
from .job import Job, JobError
from .kept import tasks_of
from .metrics import Metrics, metrics
from .once import run_of, run_once
from .outcomes import Judged, judged_states
from .progress import Progress
from .results import write_results
from .run import Summary, compare, resume_run, run_suite
from .shards import Shard, in_shard, split
from .source import Need, SuiteCard, SuiteSource
from .statistics import Estimate, McNemar, bootstrap, mcnemar, paired_difference, pass_at_k, wilson
from .store import Listed, listed, remove, runs_in
from .suites import Choice, Suite, load_suite, suite_cards, suite_names, without_broken
from .sweep import Point, Range, Setting, at_random, grid, sweep
from .training import Material, Trained, material, states_of, train_value
from .trust import Trust, trust
from .watching import watch

__all__ = [
    "Account",
    "BudgetPoint",
    "Choice",
    "Comparison",
    "DifferentTasks",
    "Draws",
    "Estimate",
    "FailureClass",
    "Figures",
    "Job",
    "JobError",
    "Judged",
    "Listed",
    "Material",
    "McNemar",
    "Metrics",
    "Need",
    "Point",
    "Progress",
    "Range",
    "Round",
    "Setting",
    "Shard",
    "Side",
    "Suite",
    "SuiteCard",
    "SuiteSource",
    "Summary",
    "Trained",
    "Trust",
    "accounts",
    "accuracy_curve",
    "accuracy_within",
    "at_random",
    "bootstrap",
    "compare",
    "compare_runs",
    "draws",
    "failure_classes",
    "grid",
    "improve",
    "in_shard",
    "judged_states",
    "listed",
    "load_suite",
    "material",
    "mcnemar",
    "metrics",
    "paired_difference",
    "pass_at_k",
    "pass_rate",
    "remove",
    "resume_run",
    "run_of",
    "run_once",
    "run_suite",
    "runs_in",
    "split",
    "states_of",
    "suite_cards",
    "suite_names",
    "sweep",
    "tasks_of",
    "train_value",
    "trust",
    "watch",
    "wilson",
    "without_broken",
    "write_results",
]
