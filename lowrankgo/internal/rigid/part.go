package rigid

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Part is a connected part of the r-core, and what is found of it.
type Part struct {
	*Grid
	Complete Answer // whether all its entries are determined
	Missing  int    // dimensions of the motions beyond the gauge; of an estimate 1 when any
	Known    int    // rows and columns that a seed grew to
	Failure  float64

	r        int
	knownRow []bool  // nil when no seed grew
	knownCol []bool  //
	motion   *motion // of a part that was eliminated and is not complete
	sway     *sway   // of a part that is estimated
}

// Limits say how much is done for a part.
type Limits struct {
	Exact    int // unknowns up to which parts are eliminated
	Products int // of an estimate
}

// Estimated returns what an estimate found, nil of a part that is exact.
func (p *Part) Estimated() *Estimate {
	if p.sway == nil {
		return nil
	}
	return &p.sway.estimate
}

// Decide decides a connected grid of the r-core.
func Decide(ctx context.Context, g *Grid, r int, l Limits, rng *rand.Rand) (*Part, error) {
	p := &Part{Grid: g, r: r}
	if err := p.decide(ctx, l, rng); err != nil {
		return nil, err
	}
	if p.motion != nil {
		p.Failure = p.failure()
	}
	return p, nil
}

// failure bounds the probability that a statement about an exact part is wrong,
// in the sum over its entries. A minor of order k has degree k; the sum of its
// coefficients' sizes is at most (2r)^k, so that at most k·log₂(2r)/59 of the
// 2⁵⁹/42 primes divide any one of them.
func (p *Part) failure() float64 {
	order := float64(p.r*p.Lines()) + 1
	decided := float64(len(p.Rows))*float64(len(p.Cols)) - float64(p.Entries()) + 1
	return math.Min(1, decided*(order*(2+math.Log2(float64(2*p.r)))+1)/(1<<59))
}

// decide finds out whether all entries of the part are determined: by what needs
// no arithmetic, by elimination of what seeds leave, or by an estimate.
func (p *Part) decide(ctx context.Context, l Limits, rng *rand.Rand) error {
	if p.r == 1 || p.full() {
		p.Complete = Yes
		return ctx.Err()
	}
	for size := l.Exact / 16; size > 0 && size <= l.Exact; size *= 2 {
		if p.r*(p.Lines()-p.Known) <= size {
			return p.eliminate(ctx, rng)
		}
		if err := p.plant(ctx, size, rng); err != nil {
			return err
		}
		if p.Known == p.Lines() {
			p.Complete = Yes
			return nil
		}
	}
	if p.r*(p.Lines()-p.Known) <= l.Exact {
		return p.eliminate(ctx, rng)
	}
	return p.estimate(ctx, l.Products, rng)
}

// eliminate decides the part exactly.
func (p *Part) eliminate(ctx context.Context, rng *rand.Rand) error {
	m, null, err := p.moves(ctx, p.r, p.knownRow, p.knownCol, rng)
	if err != nil {
		return err
	}
	p.Missing, p.Complete = null, answer(null == 0)
	if null > 0 {
		p.motion = m
	}
	return nil
}

// Sure reports whether entry (i, j) of the part needs no estimate: it is observed
// or in the block that a seed grew to.
func (p *Part) Sure(i, j int) bool {
	if p.knownRow != nil && p.knownRow[i] && p.knownCol[j] {
		return true
	}
	_, seen := slices.BinarySearch(p.byRow.of(i), int32(j))
	return seen
}

// At is what is known of entry (i, j) of the part.
func (p *Part) At(i, j int) Answer {
	if p.Complete == Yes || p.Sure(i, j) {
		return Yes
	}
	if p.motion != nil {
		return answer(p.motion.change(i, j) == 0)
	}
	return p.sway.at(i, j)
}

// plant looks for a small part that is determined and grows: among the fullest
// rows and columns, and around the fullest row. A larger one that is known
// already stays.
func (p *Part) plant(ctx context.Context, size int, rng *rand.Rand) error {
	n := size / p.r // rows and columns
	if n < 2*p.r {
		return nil
	}
	for _, choose := range []func(*Grid, int) (row, col []bool){fullest, around} {
		row, col := choose(p.Grid, n)
		s := p.sub(row, col)
		s = s.sub(s.peel(p.r))
		if s.Entries() < p.r*(s.Lines()-p.r) {
			continue
		}
		for _, g := range s.Components() {
			if err := p.sow(ctx, g, rng); err != nil {
				return err
			}
		}
		if p.Known == p.Lines() {
			return nil
		}
	}
	return nil
}

// sow eliminates a seed and lets it grow when it is determined.
func (p *Part) sow(ctx context.Context, g *Grid, rng *rand.Rand) error {
	if g.Entries() < p.r*(g.Lines()-p.r) {
		return nil
	}
	if _, null, err := g.moves(ctx, p.r, nil, nil, rng); null > 0 || err != nil {
		return err
	}
	row, col := make([]bool, len(p.Rows)), make([]bool, len(p.Cols))
	mark(row, p.Rows, g.Rows)
	mark(col, p.Cols, g.Cols)
	if n := p.grow(p.r, row, col); n > p.Known {
		p.Known, p.knownRow, p.knownCol = n, row, col
	}
	return nil
}

// mark sets those of all that are in some; both ascend.
func mark(to []bool, all, some []int32) {
	k := 0
	for i, v := range all {
		if k < len(some) && some[k] == v {
			to[i] = true
			k++
		}
	}
}

// fullest are the n lines with the most entries, half of them rows if there are
// so many, without any that the part has not.
func fullest(g *Grid, n int) (row, col []bool) {
	rows, cols := len(g.Rows), len(g.Cols)
	a := min(rows, n/2)
	b := min(cols, n-a)
	a = min(rows, n-b)
	return most(&g.byRow, rows, a), most(&g.byCol, cols, b)
}

// most marks the k of n lines that have the most entries.
func most(a *adjacency, n, k int) []bool {
	order := counting(n)
	slices.SortStableFunc(order, func(x, y int32) int { return cmp.Compare(a.degree(int(y)), a.degree(int(x))) })
	out := make([]bool, n)
	for _, i := range order[:k] {
		out[i] = true
	}
	return out
}

// around are n lines that are near the fullest row, breadth first.
func around(g *Grid, n int) (row, col []bool) {
	in := [2][]bool{most(&g.byRow, len(g.Rows), 1), make([]bool, len(g.Cols))}
	sides := [2]*adjacency{&g.byRow, &g.byCol}
	type line struct{ side, i int }
	next := []line{{0, slices.Index(in[0], true)}}
	for n--; len(next) > 0 && n > 0; {
		l := next[0]
		next = next[1:]
		o := 1 - l.side
		for _, j := range sides[l.side].of(l.i) {
			if n > 0 && !in[o][j] {
				in[o][j] = true
				next = append(next, line{o, int(j)})
				n--
			}
		}
	}
	return in[0], in[1]
}
