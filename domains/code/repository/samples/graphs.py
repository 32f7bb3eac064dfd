"""Graphs: edges, shortest paths, orders."""

GRAPHS = {
    "README.md": "# graphs\n\n`graph` holds directed edges, `paths` finds short ones, `order` sorts and groups.\n",
    "graphs/__init__.py": '"""Directed graphs with weights."""\n',
    "graphs/graph.py": '''"""A directed graph."""


class Graph:
    """Nodes are any hashable values; an edge has a weight, 1 unless said."""

    def __init__(self, edges=()):
        self.next = {}
        for edge in edges:
            self.add(*edge)

    def add(self, source, target, weight=1):
        if weight < 0:
            raise ValueError("weights are not below 0")
        self.next.setdefault(source, {})
        self.next.setdefault(target, {})
        known = self.next[source].get(target)
        if known is None or weight < known:
            self.next[source][target] = weight

    def degree(self, node):
        """Edges that begin at a node, and edges that end there."""
        ends = sum(node in targets for targets in self.next.values())
        return len(self.next[node]), ends

    def reversed(self):
        """The same graph with all edges turned round."""
        turned = Graph()
        for node in self.next:
            turned.next.setdefault(node, {})
        for source, targets in self.next.items():
            for target, weight in targets.items():
                turned.add(target, source, weight)
        return turned
''',
    "graphs/paths.py": '''"""Shortest paths."""

from collections import deque
from heapq import heappop, heappush


def hops(graph, start):
    """How many edges each reachable node is away."""
    found = {start: 0}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for target in graph.next[node]:
            if target not in found:
                found[target] = found[node] + 1
                waiting.append(target)
    return found


def shortest(graph, start, goal):
    """The weight and the nodes of the lightest path, or None."""
    heap = [(0, 0, start, None)]
    before = {}
    count = 0
    while heap:
        cost, _, node, parent = heappop(heap)
        if node in before:
            continue
        before[node] = parent
        if node == goal:
            return cost, trace(before, node)
        for target, weight in graph.next[node].items():
            if target not in before:
                count += 1
                heappush(heap, (cost + weight, count, target, node))
    return None


def trace(before, node):
    """The nodes that lead to a node."""
    path = []
    while node is not None:
        path.append(node)
        node = before[node]
    return path[::-1]
''',
    "graphs/order.py": '''"""Orders and groups of nodes."""

from graphs.paths import hops


class Cycle(Exception):
    """A graph that has no order."""


def topological(graph):
    """The nodes so that each edge leads forward; of nodes that could come next, the one added first."""
    left = {node: graph.degree(node)[1] for node in graph.next}
    order = []
    while left:
        free = [node for node, count in left.items() if count == 0]
        if not free:
            raise Cycle(sorted(left, key=str))
        node = free[0]
        order.append(node)
        del left[node]
        for target in graph.next[node]:
            left[target] -= 1
    return order


def groups(graph):
    """Sets of nodes that reach each other, the largest first."""
    turned = graph.reversed()
    done = set()
    found = []
    for node in graph.next:
        if node in done:
            continue
        group = set(hops(graph, node)) & set(hops(turned, node))
        done |= group
        found.append(group)
    return sorted(found, key=len, reverse=True)
''',
    "tests/__init__.py": "",
    "tests/test_paths.py": """import unittest

from graphs.graph import Graph
from graphs.paths import hops, shortest


class TestPaths(unittest.TestCase):
    def setUp(self):
        self.graph = Graph([("a", "b", 4), ("a", "c", 1), ("c", "b", 2), ("b", "d", 5)])

    def test_hops(self):
        self.assertEqual(hops(self.graph, "a"), {"a": 0, "b": 1, "c": 1, "d": 2})

    def test_shortest(self):
        self.assertEqual(shortest(self.graph, "a", "d"), (8, ["a", "c", "b", "d"]))

    def test_no_path(self):
        self.assertIsNone(shortest(self.graph, "d", "a"))
""",
    "tests/test_order.py": """import unittest

from graphs.graph import Graph
from graphs.order import Cycle, groups, topological


class TestOrder(unittest.TestCase):
    def test_degree(self):
        self.assertEqual(Graph([(1, 2), (1, 3), (3, 2)]).degree(2), (0, 2))

    def test_topological(self):
        self.assertEqual(topological(Graph([(2, 3), (1, 2)])), [1, 2, 3])

    def test_cycle(self):
        with self.assertRaises(Cycle):
            topological(Graph([(1, 2), (2, 1)]))

    def test_groups(self):
        self.assertEqual(groups(Graph([(0, 1), (1, 2), (2, 1)])), [{1, 2}, {0}])
""",
    "hidden/test_more.py": """import unittest

from graphs.graph import Graph
from graphs.order import Cycle, groups, topological
from graphs.paths import hops, shortest, trace


class TestMore(unittest.TestCase):
    def test_lightest_of_two_edges(self):
        graph = Graph([(1, 2, 5), (1, 2, 3), (1, 2, 4)])
        self.assertEqual(graph.next, {1: {2: 3}, 2: {}})
        with self.assertRaises(ValueError):
            graph.add(1, 2, -1)
        graph.add(1, 2, 0)
        self.assertEqual(graph.next[1], {2: 0})

    def test_turned(self):
        turned = Graph([(1, 2, 5), (3, 3, 2)]).reversed()
        self.assertEqual(turned.next, {1: {}, 2: {1: 5}, 3: {3: 2}})
        self.assertEqual(turned.degree(3), (1, 1))

    def test_hops_in_a_ring(self):
        ring = Graph([(n, (n + 1) % 5) for n in range(5)])
        self.assertEqual(hops(ring, 3), {3: 0, 4: 1, 0: 2, 1: 3, 2: 4})

    def test_shortest_prefers_light_edges(self):
        graph = Graph([(0, 9, 10)] + [(n, n + 1, 1) for n in range(9)])
        self.assertEqual(shortest(graph, 0, 9), (9, list(range(10))))
        self.assertEqual(shortest(graph, 4, 4), (0, [4]))
        self.assertEqual(trace({1: None, 2: 1}, 2), [1, 2])

    def test_order_of_many(self):
        order = topological(Graph([(n, m) for n in range(6) for m in range(n + 1, 6)]))
        self.assertEqual(order, list(range(6)))
        self.assertEqual(topological(Graph([(1, 2), (3, 4)])), [1, 2, 3, 4])
        with self.assertRaises(Cycle):
            topological(Graph([(1, 2), (2, 3), (3, 2)]))

    def test_groups_of_many(self):
        graph = Graph([(0, 1), (1, 0), (1, 2), (2, 3), (3, 4), (4, 2)])
        self.assertEqual(groups(graph), [{2, 3, 4}, {0, 1}])
""",
}
