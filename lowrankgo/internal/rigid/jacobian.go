package rigid

import (
	"context"
	"math/rand/v2"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
)

// motion is a point (U, V) over a field and a tangent (δU, δV) drawn uniformly
// among those that change no observed entry,
//
//	δuᵢ·vⱼ + uᵢ·δvⱼ = 0,  (i, j) observed
//
// Every entry that is determined stays as it is too. One that is not changes,
// unless the draw was unlucky: one time in p.
type motion struct {
	field
	r            int
	u, v, du, dv []uint64 // r numbers for each row or column
}

func of(x []uint64, i, r int) []uint64 { return x[i*r : i*r+r] }

// change is what the motion does to entry (i, j).
func (m *motion) change(i, j int) uint64 {
	return m.add(m.dot(of(m.du, i, m.r), of(m.v, j, m.r)), m.dot(of(m.u, i, m.r), of(m.dv, j, m.r)))
}

func (m *motion) turned() *motion {
	return &motion{m.field, m.r, m.v, m.u, m.dv, m.du}
}

// stiffness finds the motions of a grid whose rows and columns have at least r
// entries each. Lines that are fixed have δ = 0.
type stiffness struct {
	g              *Grid
	r              int
	fixRow, fixCol []bool // nil: none
	point          *motion
	inverse        [][]uint64 // of the first r vⱼ in each free row
	unknown        []int      // where δvⱼ begins among the unknowns, −1 when fixed
	most           int        // rank that leaves only the gauge
	rng            *rand.Rand
	system         *echelon
	violated       [][]int32 // columns, for each row, of equations that do not hold
	equations      int
}

// moves finds how many independent motions the grid has beyond the gauge, and
// one motion drawn among all. With fixed lines the gauge is fixed too.
//
// The δuᵢ are eliminated row by row: r of a row's equations give δuᵢ, the
// others become equations in δV, each with r(r+1) coefficients. These are taken
// up in echelon form, only as long as they are violated by a random solution of
// those before. The cost is at most n³/3 products for n = r·(free columns), and
// O(|Ω|r) for each of some rounds; rows and columns are exchanged when that
// makes n smaller.
func (g *Grid) moves(ctx context.Context, r int, fixRow, fixCol []bool, rng *rand.Rand) (*motion, int, error) {
	if free(len(g.Cols), fixCol) > free(len(g.Rows), fixRow) {
		m, null, err := g.transposed().moves(ctx, r, fixCol, fixRow, rng)
		if err != nil {
			return nil, 0, err
		}
		return m.turned(), null, nil
	}
	s := &stiffness{g: g, r: r, fixRow: fixRow, fixCol: fixCol, rng: rng}
	for !s.begin() { // a random r×r matrix was singular: one time in 2⁵⁹
	}
	if err := s.solve(ctx); err != nil {
		return nil, 0, err
	}
	return s.point, s.most - len(s.system.pivot), nil
}

// free counts the lines that are not fixed.
func free(n int, fixed []bool) int {
	for _, is := range fixed {
		if is {
			n--
		}
	}
	return n
}

func fixed(list []bool, i int) bool { return list != nil && list[i] }

// begin draws a prime and a point, and inverts what gives δuᵢ of δV.
func (s *stiffness) begin() bool {
	g, r, f := s.g, s.r, newField(s.rng)
	a, b := len(g.Rows), len(g.Cols)
	s.point = &motion{f, r, f.random(s.rng, a*r), f.random(s.rng, b*r), make([]uint64, a*r), make([]uint64, b*r)}
	s.inverse = make([][]uint64, a)
	for i := range a {
		if fixed(s.fixRow, i) {
			continue
		}
		m := make([]uint64, 0, r*r)
		for _, j := range g.byRow.of(i)[:r] {
			m = append(m, of(s.point.v, int(j), r)...)
		}
		if !f.invert(m, r) {
			return false
		}
		s.inverse[i] = m
	}
	s.unknown = make([]int, b)
	n := 0
	for j := range b {
		s.unknown[j] = -1
		if !fixed(s.fixCol, j) {
			s.unknown[j] = n
			n += r
		}
	}
	s.most = n
	if s.fixRow == nil && s.fixCol == nil {
		s.most -= r * r
	}
	s.system = newEchelon(f, n)
	return true
}

// solve takes up equations until a random solution of those violates no other.
func (s *stiffness) solve(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.extend(s.system.solution(s.rng))
		if s.check(); s.equations == 0 || len(s.system.pivot) == s.most {
			return nil
		}
		if err := s.take(ctx); err != nil {
			return err
		}
	}
}

// extend makes the motion of a solution for δV.
func (s *stiffness) extend(x []uint64) {
	m, r := s.point, s.r
	for j, at := range s.unknown {
		if at >= 0 {
			copy(of(m.dv, j, r), x[at:at+r])
		}
	}
	blocks := par.Blocks(len(s.g.Rows), 16, 64)
	par.New(func(b int) {
		lo, hi := par.Bounds(len(s.g.Rows), blocks, b)
		h := make([]uint64, r)
		for i := lo; i < hi; i++ {
			if s.inverse[i] == nil {
				continue
			}
			for k, j := range s.g.byRow.of(i)[:r] {
				h[k] = m.sub(0, m.dot(of(m.u, i, r), of(m.dv, int(j), r)))
			}
			for k := range r {
				m.du[i*r+k] = m.dot(of(s.inverse[i], k, r), h)
			}
		}
	}).Run(blocks)
}

// check lists the equations that the motion violates.
func (s *stiffness) check() {
	rows := len(s.g.Rows)
	s.violated = make([][]int32, rows)
	blocks := par.Blocks(rows, 16, 64)
	par.New(func(b int) {
		lo, hi := par.Bounds(rows, blocks, b)
		for i := lo; i < hi; i++ {
			for _, j := range s.others(i) {
				if s.point.change(i, int(j)) != 0 {
					s.violated[i] = append(s.violated[i], j)
				}
			}
		}
	}).Run(blocks)
	s.equations = 0
	for _, v := range s.violated {
		s.equations += len(v)
	}
}

// others are the columns of a row beyond those that give δuᵢ.
func (s *stiffness) others(i int) []int32 {
	all := s.g.byRow.of(i)
	if s.inverse[i] == nil {
		return all
	}
	return all[s.r:]
}

// take adds violated equations, drawn in random order, until the rank is full,
// there are no more, or most of a batch brings nothing new.
func (s *stiffness) take(ctx context.Context) error {
	type place struct{ i, j int32 }
	all := make([]place, 0, s.equations)
	for i, v := range s.violated {
		for _, j := range v {
			all = append(all, place{int32(i), j})
		}
	}
	for left := len(all); left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := make([][]uint64, min(batch, left, s.most-len(s.system.pivot)))
		if len(rows) == 0 {
			return nil
		}
		for k := range rows {
			at := s.rng.IntN(left)
			left--
			rows[k] = s.equation(int(all[at].i), int(all[at].j))
			all[at] = all[left]
		}
		if new := s.system.extend(rows); 2*new < len(rows) {
			return nil
		}
	}
	return nil
}

// equation is uᵢ·δvⱼ − Σₖ cₖ uᵢ·δvₖ = 0 with vⱼ = Σₖ cₖvₖ over the first r
// columns k of row i.
func (s *stiffness) equation(i, j int) []uint64 {
	m, r := s.point, s.r
	row := make([]uint64, len(s.system.col))
	u := of(m.u, i, r)
	put := func(j int, c uint64) {
		at := s.unknown[j]
		if at < 0 {
			return
		}
		for k, v := range u {
			row[at+k] = m.add(row[at+k], m.mul(c, v))
		}
	}
	put(j, 1)
	inverse := s.inverse[i]
	if inverse == nil {
		return row
	}
	v := of(m.v, j, r)
	for k, col := range s.g.byRow.of(i)[:r] {
		var c uint64 // Σ v[l]·inverse[l, k]
		for l := range r {
			c = m.add(c, m.mul(v[l], inverse[l*r+k]))
		}
		put(int(col), m.sub(0, c))
	}
	return row
}
