package sparse

import (
	"context"
	"math"
)

// absent is the weight where there is no edge: less than any path can make up.
const absent = -int64(1) << 61

// matching is a b-matching of maximum weight between d1 rows and d2 columns,
//
//	max Σ w_ij·x_ij,  x_ij ∈ {0, 1},  Σ_j x_ij ≤ rowCap_i,  Σ_i x_ij ≤ colCap_j
//
// together with its proof, the solution (u, v) ≥ 0 of the dual problem: with
// the slack s_ij = u_i + v_j − w_ij,
//
//	s_ij ≥ 0 off the matching,  s_ij ≤ 0 on it,
//	u_i > 0 only where row i is full,  v_j > 0 only where column j is
//
// which no matching but one of maximum weight can satisfy. Weights are integers
// from 1 to 2⁵⁹, so that nothing is rounded; u, v and the lengths of paths
// never exceed the largest weight.
//
// It is the method of successive shortest paths, in the order of Jonker and
// Volgenant (Computing 38, 1987): rows come one after another, and each place
// of a row is filled along a shortest path of alternating edges, by Dijkstra
// with lengths |s_ij|, that ends in a column with room or in a row that gives a
// place up, which costs its u. The conditions above hold for the rows that have
// come, after each path.
type matching struct {
	d1, d2         int
	weight         []int64 // d1×d2 by rows; absent where no edge is, or a chosen one
	rowCap, colCap []int32
	u, v           []int64
	chosen         [][]edge // of each column

	// of the path that is looked for; rows are nodes 0 … d1−1, columns follow
	dist     []int64
	from     []int32
	reached  []int32 // nodes with a distance
	frontier []int32 // those of them that are not settled
	settled  []int32
	bound    int64 // length of the shortest path found
	end      int32 // its last node
}

// edge is a chosen edge of a column.
type edge struct {
	weight int64
	row    int32
}

func newMatching(d1, d2 int) *matching {
	m := &matching{
		d1: d1, d2: d2,
		weight: make([]int64, d1*d2),
		rowCap: make([]int32, d1), colCap: make([]int32, d2),
		u: make([]int64, d1), v: make([]int64, d2),
		chosen: make([][]edge, d2),
		dist:   make([]int64, d1+d2),
		from:   make([]int32, d1+d2),
	}
	for k := range m.dist {
		m.dist[k] = math.MaxInt64
	}
	return m
}

// solve fills an empty matching for the weights and capacities that are set.
// Edges of lines without capacity must be absent.
func (m *matching) solve(ctx context.Context) error {
	clear(m.u)
	clear(m.v)
	for j := range m.chosen {
		m.chosen[j] = m.chosen[j][:0]
	}
	for i := range m.d1 {
		if err := stopped(ctx); err != nil {
			return err
		}
		m.u[i] = m.best(i)
		for left := m.rowCap[i]; left > 0 && m.u[i] > 0; left-- {
			m.search(int32(i))
			m.raise()
			if m.end == int32(i) {
				break // no path is worth more than nothing
			}
			m.augment(int32(i))
		}
	}
	return nil
}

// best is the smallest u ≥ 0 that row i may have before it has edges.
func (m *matching) best(i int) int64 {
	most := int64(0)
	for j, w := range m.weight[i*m.d2 : (i+1)*m.d2] {
		most = max(most, w-m.v[j])
	}
	return most
}

// search finds the shortest path from a row, and the distances of all nodes
// that are nearer than its end.
func (m *matching) search(row int32) {
	m.reached, m.frontier, m.settled = m.reached[:0], m.frontier[:0], m.settled[:0]
	m.bound, m.end = m.u[row], row
	m.reach(row, row, 0)
	for {
		node, ok := m.nearest()
		if !ok {
			return
		}
		m.settled = append(m.settled, node)
		if int(node) < m.d1 {
			m.leaveRow(int(node))
		} else {
			m.leaveColumn(int(node) - m.d1)
		}
	}
}

// reach gives a node a shorter distance.
func (m *matching) reach(node, from int32, d int64) {
	if m.dist[node] == math.MaxInt64 {
		m.reached = append(m.reached, node)
		m.frontier = append(m.frontier, node)
	}
	m.dist[node], m.from[node] = d, from
}

// nearest takes the next node from the frontier, if it is nearer than the end.
func (m *matching) nearest() (node int32, ok bool) {
	at, least := -1, m.bound
	for k, n := range m.frontier {
		if m.dist[n] < least {
			at, least = k, m.dist[n]
		}
	}
	if at < 0 {
		return 0, false
	}
	node = m.frontier[at]
	last := len(m.frontier) - 1
	m.frontier[at] = m.frontier[last]
	m.frontier = m.frontier[:last]
	return node, true
}

// leaveRow goes along the edges of a row that are not chosen.
func (m *matching) leaveRow(i int) {
	start, bound := m.dist[i]+m.u[i], m.bound
	weight, v := m.weight[i*m.d2:(i+1)*m.d2], m.v
	for j, w := range weight {
		d := start + v[j] - w
		if d >= bound {
			continue
		}
		node := int32(m.d1 + j)
		switch {
		case len(m.chosen[j]) < int(m.colCap[j]):
			bound, m.end, m.from[node] = d, node, int32(i)
		case d < m.dist[node]:
			m.reach(node, int32(i), d)
		}
	}
	m.bound = bound
}

// leaveColumn goes back along the chosen edges of a column.
func (m *matching) leaveColumn(j int) {
	node := int32(m.d1 + j)
	start := m.dist[node] - m.v[j]
	for _, e := range m.chosen[j] {
		d := start + e.weight - m.u[e.row]
		if d >= m.bound || d >= m.dist[e.row] {
			continue
		}
		m.reach(e.row, node, d)
		if d+m.u[e.row] < m.bound {
			m.bound, m.end = d+m.u[e.row], e.row
		}
	}
}

// raise moves u and v so that the edges of the path have no slack, and forgets
// the distances.
func (m *matching) raise() {
	for _, node := range m.settled {
		if by := m.bound - m.dist[node]; int(node) < m.d1 {
			m.u[node] -= by
		} else {
			m.v[int(node)-m.d1] += by
		}
	}
	for _, node := range m.reached {
		m.dist[node] = math.MaxInt64
	}
}

// augment exchanges the edges of the path from a row to the end.
func (m *matching) augment(row int32) {
	at := m.end
	if int(at) >= m.d1 { // a column with room
		j := int(at) - m.d1
		at = m.from[at]
		m.chosen[j] = append(m.chosen[j], m.take(at, j))
	}
	for at != row {
		column := m.from[at]
		next := m.from[column]
		m.exchange(int(column)-m.d1, at, next)
		at = next
	}
}

// take takes an edge out of those that are not chosen.
func (m *matching) take(i int32, j int) edge {
	w := &m.weight[int(i)*m.d2+j]
	e := edge{*w, i}
	*w = absent
	return e
}

// exchange gives the place of row out in column j to row in.
func (m *matching) exchange(j int, out, in int32) {
	edges := m.chosen[j]
	for k := range edges {
		if edges[k].row == out {
			m.weight[int(out)*m.d2+j] = edges[k].weight
			edges[k] = m.take(in, j)
			return
		}
	}
	panic("sparse: a path of the matching goes along an edge that is not chosen")
}
