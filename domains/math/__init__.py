"""Number games and word problems: `game24`, `countdown` and `math`, with their generators and readers."""

from .arithmetic import Arithmetic, Countdown, Game24
from .generator import countdown_tasks, game24_tasks
from .numbers_left import NumbersLeft
from .puzzle_text import Puzzle, parse_puzzle, puzzle_text
from .rules import COUNTDOWN, GAME24, Move, Rules, legal_moves
from .solver import solve_exactly
from .tables import read_game24_table, read_gsm8k
from .verifier import NotVerified, Verifier
from .word_problems import Reasoning, WordProblems

__all__ = [
    "COUNTDOWN",
    "GAME24",
    "Arithmetic",
    "Countdown",
    "Game24",
    "Move",
    "NotVerified",
    "NumbersLeft",
    "Puzzle",
    "Reasoning",
    "Rules",
    "Verifier",
    "WordProblems",
    "countdown_tasks",
    "game24_tasks",
    "legal_moves",
    "parse_puzzle",
    "puzzle_text",
    "read_game24_table",
    "read_gsm8k",
    "solve_exactly",
]
